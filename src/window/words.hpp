// What the pages say, in three languages. Visitors of different languages are served at the same time, so
// these are a table and no catalogue of the process's language.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace jpki::window {

enum class Language : std::uint8_t { ja, en, zh };

struct LanguageRow {
  Language language;
  std::string_view tag, name;  // BCP 47; in itself
};
inline constexpr std::array language_rows{LanguageRow{Language::ja, "ja", "日本語"},
                                          LanguageRow{Language::en, "en", "English"},
                                          LanguageRow{Language::zh, "zh-CN", "简体中文"}};

/// By a tag, otherwise by Accept-Language (RFC 9110, 12.5.4; its weights are not looked at: browsers write
/// the best first), otherwise Japanese.
Language language_of(std::string_view tag, std::string_view accepted);
std::string_view tag_of(Language language);

/// A text in all of them. %1, %2 stand for values.
struct Words {
  const char *ja, *en, *zh;

  [[nodiscard]] std::string in(Language language, std::initializer_list<std::string> values = {}) const;
};

namespace words {

inline constexpr Words title{"オンライン窓口", "Online window", "网上窗口"};
inline constexpr Words test{"これは試験用の窓口です。実際の手続きはできません。",
                            "This is a window for tests. Nothing that is done here is real.",
                            "这是测试用的窗口，不能办理实际手续。"};
inline constexpr Words language{"言語", "Language", "语言"};
inline constexpr Words home{"最初のページへ", "To the first page", "回到首页"};

// who has come
inline constexpr Words no_card{"カードの証明書が届いていません。", "No certificate of a card has come along.",
                               "没有收到卡的证书。"};
inline constexpr Words no_card_help{
    "カードをリーダーに置き、ブラウザーに JPKI "
    "のモジュールが登録されていることを確かめ、ブラウザーを一度閉じてから、"
    "このページを開き直してください。利用者証明用パスワードを尋ねられます。",
    "Put the card into the reader, see that the JPKI module is registered in the browser, close the browser "
    "once and "
    "open this page again. It will ask for the authentication PIN.",
    "请把卡放到读卡器上，确认浏览器已登记 JPKI 模块，关闭浏览器后重新打开本页。浏览器会询问认证用密码。"};
inline constexpr Words foreign{
    "この証明書は、この窓口の認証局が発行したものではありません。",
    "This certificate was not issued by the certification authority of this window.",
    "该证书不是由本窗口的认证机构签发的。"};
inline constexpr Words foreign_help{
    "別のカードの証明書を選んでいないか、確かめてください。この窓口では、この証明書についての手続きはできませ"
    "ん。",
    "Please see whether the certificate of another card was chosen. Nothing can be done about this one here.",
    "请确认是否选择了另一张卡的证书。本窗口不能办理该证书的手续。"};
inline constexpr Words wrong_half{"署名用の証明書が選ばれました。", "The signature certificate was chosen.",
                                  "选择的是签名用证书。"};
inline constexpr Words wrong_half_help{
    "窓口に入るには、利用者証明用の証明書を選んでください。署名用の証明書は、申請書に署名するときに使います"
    "。",
    "Please choose the authentication certificate to come in. The signature certificate is for signing a "
    "request.",
    "进入窗口时请选择认证用证书。签名用证书用于在申请书上签名。"};
inline constexpr Words revoked{"この証明書は失効しています。", "This certificate is revoked.",
                               "该证书已失效（被吊销）。"};
inline constexpr Words expired{"この証明書は有効期間が満了しています。", "This certificate has expired.",
                               "该证书的有效期已满。"};
inline constexpr Words early{"この証明書の有効期間はまだ始まっていません。",
                             "This certificate is not valid yet.", "该证书的有效期尚未开始。"};
inline constexpr Words not_valid_help{
    "この証明書では、この窓口の手続きはできません。新しい証明書の発行は、住民票のある市区町村の窓口で受け付け"
    "ます。",
    "Nothing can be done here with this certificate. The counter of the municipality where you are "
    "registered issues a "
    "new one.",
    "不能用该证书在本窗口办理手续。新证书请到住民登记所在市区町村的窗口申请。"};
inline constexpr Words welcome{"カードを確認しました。", "Your card is recognized.", "已确认您的卡。"};

// the certificates
inline constexpr Words certificates{"あなたの証明書", "Your certificates", "您的证书"};
inline constexpr Words kind{"種類", "kind", "种类"};
inline constexpr Words sign{"署名用電子証明書", "Certificate for digital signature", "签名用电子证书"};
inline constexpr Words auth{"利用者証明用電子証明書", "Certificate for user authentication",
                            "用户认证用电子证书"};
inline constexpr Words serial{"シリアル番号", "serial number", "序列号"};
inline constexpr Words first{"発行年月日", "issued", "签发日期"};
inline constexpr Words last{"有効期間の満了日", "last day", "有效期满日"};
inline constexpr Words state{"状態", "state", "状态"};
inline constexpr Words is_valid{"有効", "valid", "有效"};
inline constexpr Words is_revoked{"失効（%1）", "revoked (%1)", "已失效（%1）"};
inline constexpr Words is_expired{"期間満了", "expired", "已过期"};
inline constexpr Words is_early{"期間前", "not yet valid", "尚未生效"};

// hours
inline constexpr Words hours{"受付時間", "Service hours", "受理时间"};
inline constexpr Words always{"毎日、終日受け付けます。", "Every day, all day.", "每天全天受理。"};
inline constexpr Words daily{"毎日 %1（日本時間）", "every day %1 (Japan time)", "每天 %1（日本时间）"};
inline constexpr Words weekly{"%1から%2まで %3（日本時間）", "%1 to %2, %3 (Japan time)",
                              "%1至%2 %3（日本时间）"};
inline constexpr Words closed{"ただいま受付時間外です。受付時間：%1",
                              "The window is closed now. Service hours: %1",
                              "现在不在受理时间内。受理时间：%1"};
inline constexpr std::array<Words, 7> days{
    Words{"日曜日", "Sunday", "星期日"},   Words{"月曜日", "Monday", "星期一"},
    Words{"火曜日", "Tuesday", "星期二"},  Words{"水曜日", "Wednesday", "星期三"},
    Words{"木曜日", "Thursday", "星期四"}, Words{"金曜日", "Friday", "星期五"},
    Words{"土曜日", "Saturday", "星期六"}};

// revocation
inline constexpr Words revocation{"証明書の失効の申請", "Request for revocation", "证书失效（吊销）申请"};
inline constexpr Words revocation_help{
    "失効した証明書は、元に戻せません。申請書には、署名用の鍵で署名します（署名用パスワードが要ります）。",
    "A revoked certificate never becomes valid again. The request is signed with the signature key (it needs "
    "the "
    "signature PIN).",
    "证书一旦失效便不能恢复。申请书须用签名用密钥签名（需要签名用密码）。"};
inline constexpr Words sign_only{"署名用電子証明書だけを失効させる", "Revoke the signature certificate only",
                                 "只吊销签名用电子证书"};
inline constexpr Words both{"署名用と利用者証明用の両方を失効させる",
                            "Revoke both: signature and authentication", "签名用和认证用证书都吊销"};
inline constexpr Words make_form{"申請書を作る", "Make the request", "制作申请书"};
inline constexpr Words no_signature{
    "有効な署名用電子証明書がないため、ここでは失効を申請できません。市区町村の窓口へお越しください。",
    "There is no valid signature certificate, so revocation cannot be requested here. Please come to the "
    "municipal counter.",
    "因为没有有效的签名用电子证书，不能在此申请失效。请到市区町村的窗口办理。"};
inline constexpr Words lost{"カードをなくした、または盗まれたとき", "If the card is lost or stolen",
                            "卡遗失或被盗时"};
inline constexpr Words lost_help{
    "この窓口では受け付けられません（カードの鍵で署名が必要なため）。お住まいの市区町村の窓口に届け出てくださ"
    "い。",
    "This window cannot take it, since the card's key has to sign. Please report it at the counter of your "
    "municipality.",
    "本窗口不能受理（因为需要用卡内的密钥签名）。请向您居住的市区町村的窗口申报。"};

// the form
inline constexpr Words form{"失効申請書", "Request for revocation", "失效申请书"};
inline constexpr Words form_help{
    "申請書はまだ出されていません。%"
    "1までに、次のコマンドを実行してください。内容を確かめ、署名用パスワードを入力すると、"
    "署名した申請書が窓口に送られます。",
    "Nothing is requested yet. Run the following command until %1. It shows the request, asks for the "
    "signature PIN, and "
    "sends the signed request to this window.",
    "申请尚未提交。请在%1之前运行下面的命令。确认内容并输入签名用密码后，签名的申请书会送到本窗口。"};
inline constexpr Words form_text{"申請書の内容", "What is going to be signed", "申请书的内容"};

// answers to a signed request; each is one line
inline constexpr Words done{"証明書を失効させました。", "The certificates are revoked.", "证书已失效。"};
inline constexpr Words unknown_form{
    "この番号の申請書はありません。期限が過ぎたか、すでに使われました。ブラウザーで窓口に入り、作り直してくだ"
    "さい。",
    "There is no request of this number: it is out of date, or was used already. Please go to the window "
    "with the browser "
    "and make a new one.",
    "没有该编号的申请书：已过期或已使用。请用浏览器进入窗口重新制作。"};
inline constexpr Words unreadable{"署名として読めません。", "This is no signature that can be read.",
                                  "无法识别为签名。"};
inline constexpr Words altered{"署名が申請書の内容と一致しません。",
                               "The signature does not belong to this request.",
                               "签名与申请书的内容不一致。"};
inline constexpr Words another_card{"申請書を作った人のカードによる署名ではありません。",
                                    "The signature was not made with the card of whoever made this request.",
                                    "不是用制作申请书的人的卡所做的签名。"};
inline constexpr Words no_seal{
    "利用者証明用の鍵では申請できません。署名用の鍵で署名してください。",
    "The authentication key cannot request this: please sign with the signature key.",
    "不能用认证用密钥申请。请用签名用密钥签名。"};
inline constexpr Words signer_invalid{"署名に使われた証明書が有効ではありません。",
                                      "The certificate of the signature is not valid.",
                                      "签名所用的证书无效。"};
inline constexpr Words busy{"申請が多すぎます。しばらくしてからやり直してください。",
                            "There are too many requests. Please try again later.", "申请过多，请稍后再试。"};

// refusals by HTTP status
inline constexpr Words refused{"この要求は受け付けられません（%1）。", "This request cannot be taken (%1).",
                               "不能受理该请求（%1）。"};
inline constexpr Words not_found{"このページはありません。", "There is no such page.", "没有该页面。"};

}  // namespace words

}  // namespace jpki::window
