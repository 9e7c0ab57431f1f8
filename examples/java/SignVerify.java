// java SignVerify.java CONFIGURATION FILE SIGNATURE: signs a file with the token's key, writes the signature, and verifies it with
// Java's own software. The PIN comes from the terminal, or from the file that PIN_FILE names.
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Security;
import java.security.Signature;
import java.util.Arrays;
import java.util.Collections;

public final class SignVerify {
  private static char[] pin() throws Exception {
    String file = System.getenv("PIN_FILE");
    return file != null ? Files.readString(Path.of(file)).strip().toCharArray() : System.console().readPassword("PIN: ");
  }

  public static void main(String[] words) throws Exception {
    Provider provider = Security.getProvider("SunPKCS11").configure(words[0]);
    KeyStore store = KeyStore.getInstance("PKCS11", provider);
    char[] pin = pin();
    try {
      store.load(null, pin);
    } finally {
      Arrays.fill(pin, ' ');
    }
    String alias = Collections.list(store.aliases()).stream().filter(name -> {
      try {
        return store.isKeyEntry(name);
      } catch (java.security.KeyStoreException error) {
        throw new IllegalStateException(error);
      }
    }).findFirst().orElseThrow();

    byte[] text = Files.readAllBytes(Path.of(words[1]));
    Signature signer = Signature.getInstance("SHA256withRSA", provider);
    signer.initSign((PrivateKey) store.getKey(alias, null));
    signer.update(text);
    byte[] signature = signer.sign();
    Files.write(Path.of(words[2]), signature);

    Signature verifier = Signature.getInstance("SHA256withRSA", "SunRsaSign");
    verifier.initVerify(store.getCertificate(alias));
    verifier.update(text);
    System.out.println(verifier.verify(signature) ? "verified" : "NOT verified");
  }
}
