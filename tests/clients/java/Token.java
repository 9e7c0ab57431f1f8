// Token FOLDER COMMAND: what the tests ask of SunPKCS11. The configuration is FOLDER/p11.cfg, the PIN is in the environment (TOKEN_PIN).
// Files that others verify are written into FOLDER.
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AuthProvider;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Security;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.xml.crypto.dsig.CanonicalizationMethod;
import javax.xml.crypto.dsig.DigestMethod;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMSignContext;
import javax.xml.crypto.dsig.spec.C14NMethodParameterSpec;
import javax.xml.crypto.dsig.spec.TransformParameterSpec;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;

public final class Token {
  private static final int THREADS = 8;
  private static final int EACH = 5;

  private final Path folder;
  private final Provider provider;
  private final KeyStore store;
  private String alias;

  private Token(Path folder) throws Exception {
    this.folder = folder;
    provider = Security.getProvider("SunPKCS11").configure(folder.resolve("p11.cfg").toString());
    Security.addProvider(provider);
    store = KeyStore.getInstance("PKCS11", provider);
    String pin = System.getenv("TOKEN_PIN");
    // Without a PIN: a user who is asked by the program's dialog, and cancels it.
    if (pin.isEmpty()) ((AuthProvider) provider).login(null, callbacks -> System.out.println("asked for the PIN"));
    store.load(null, pin.toCharArray());
    for (String name : java.util.Collections.list(store.aliases()))
      if (store.isKeyEntry(name)) alias = name;
  }

  private PrivateKey key() throws Exception { return (PrivateKey) store.getKey(alias, null); }
  private X509Certificate certificate() throws Exception { return (X509Certificate) store.getCertificate(alias); }
  private byte[] text() throws IOException { return Files.readAllBytes(folder.resolve("text")); }

  private void list() throws Exception {
    System.out.println("alias " + alias);
    System.out.println("chain " + store.getCertificateChain(alias).length);
    Files.write(folder.resolve("seen.der"), certificate().getEncoded());
  }

  private byte[] sign(String algorithm) throws Exception {
    Signature signer = Signature.getInstance(algorithm, provider);
    signer.initSign(key());
    signer.update(text());
    return signer.sign();
  }

  private void signatures() throws Exception {
    for (String digest : new String[] {"SHA1", "SHA256", "SHA384", "SHA512"}) {
      byte[] signature = sign(digest + "withRSA");
      Files.write(folder.resolve(digest.toLowerCase() + ".sig"), signature);
      Signature verifier = Signature.getInstance(digest + "withRSA", provider);
      verifier.initVerify(certificate().getPublicKey());
      verifier.update(text());
      System.out.println(digest + " verified by the provider: " + verifier.verify(signature));
    }
  }

  private void xml() throws Exception {
    DocumentBuilderFactory builders = DocumentBuilderFactory.newInstance();
    builders.setNamespaceAware(true);
    Document document = builders.newDocumentBuilder().parse(folder.resolve("application.xml").toFile());
    XMLSignatureFactory factory = XMLSignatureFactory.getInstance("DOM");
    var reference = factory.newReference("", factory.newDigestMethod(DigestMethod.SHA256, null),
        List.of(factory.newTransform(Transform.ENVELOPED, (TransformParameterSpec) null)), null, null);
    var info = factory.newSignedInfo(
        factory.newCanonicalizationMethod(CanonicalizationMethod.INCLUSIVE, (C14NMethodParameterSpec) null),
        factory.newSignatureMethod("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", null), List.of(reference));
    var keys = factory.getKeyInfoFactory();
    var keyInfo = keys.newKeyInfo(List.of(keys.newX509Data(List.of(certificate()))));
    factory.newXMLSignature(info, keyInfo).sign(new DOMSignContext(key(), document.getDocumentElement()));
    try (OutputStream out = Files.newOutputStream(folder.resolve("signed.xml"))) {
      TransformerFactory.newInstance().newTransformer().transform(new DOMSource(document), new StreamResult(out));
    }
  }

  private void threads() throws Exception {
    var pool = Executors.newFixedThreadPool(THREADS);
    List<Future<Void>> running = new ArrayList<>();
    for (int thread = 0; thread < THREADS; ++thread) {
      final int number = thread;
      running.add(pool.submit((Callable<Void>) () -> {
        for (int i = 0; i < EACH; ++i)
          Files.write(folder.resolve("thread-" + number + "-" + i + ".sig"), sign("SHA256withRSA"));
        return null;
      }));
    }
    for (Future<Void> one : running) one.get();
    pool.shutdown();
  }

  public static void main(String[] words) throws Exception {
    Token token = new Token(Path.of(words[0]));
    for (int i = 1; i < words.length; ++i) {
      switch (words[i]) {
        case "list" -> token.list();
        case "signatures" -> token.signatures();
        case "xml" -> token.xml();
        case "threads" -> token.threads();
        default -> throw new IllegalArgumentException(words[i]);
      }
    }
  }
}
