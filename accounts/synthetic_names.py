"""Common Japanese names, names of guests from abroad, and faculties: raw material for invented people, most frequent first."""

SURNAMES = """
佐藤 Sato,鈴木 Suzuki,高橋 Takahashi,田中 Tanaka,伊藤 Ito,渡辺 Watanabe,山本 Yamamoto,中村 Nakamura,小林 Kobayashi,加藤 Kato,
吉田 Yoshida,山田 Yamada,佐々木 Sasaki,山口 Yamaguchi,松本 Matsumoto,井上 Inoue,木村 Kimura,林 Hayashi,斎藤 Saito,清水 Shimizu,
山崎 Yamazaki,森 Mori,池田 Ikeda,橋本 Hashimoto,阿部 Abe,石川 Ishikawa,山下 Yamashita,中島 Nakajima,石井 Ishii,小川 Ogawa,
前田 Maeda,岡田 Okada,長谷川 Hasegawa,藤田 Fujita,後藤 Goto,近藤 Kondo,村上 Murakami,遠藤 Endo,青木 Aoki,坂本 Sakamoto,
斉藤 Saito,福田 Fukuda,太田 Ota,西村 Nishimura,藤井 Fujii,金子 Kaneko,岡本 Okamoto,藤原 Fujiwara,中野 Nakano,三浦 Miura,
原田 Harada,中川 Nakagawa,松田 Matsuda,竹内 Takeuchi,小野 Ono,田村 Tamura,中山 Nakayama,和田 Wada,石田 Ishida,森田 Morita,
上田 Ueda,原 Hara,内田 Uchida,柴田 Shibata,酒井 Sakai,宮崎 Miyazaki,横山 Yokoyama,髙橋 Takahashi,宮本 Miyamoto,渡邊 Watanabe
"""
GIVEN_NAMES = """
翔太 Shota,美咲 Misaki,蓮 Ren,葵 Aoi,大輔 Daisuke,陽菜 Hina,拓也 Takuya,さくら Sakura,健太 Kenta,結衣 Yui,
直樹 Naoki,花 Hana,悠斗 Yuto,愛 Ai,和也 Kazuya,七海 Nanami,達也 Tatsuya,彩 Aya,大樹 Daiki,優子 Yuko,
亮 Ryo,真由美 Mayumi,誠 Makoto,恵子 Keiko,隆 Takashi,由美子 Yumiko,浩 Hiroshi,久美子 Kumiko,健一 Kenichi,智子 Tomoko,
学 Manabu,裕子 Hiroko,翼 Tsubasa,千尋 Chihiro,樹 Itsuki,凛 Rin,颯太 Sota,莉子 Riko,湊 Minato,芽依 Mei,
純一郎 Junichiro,明日香 Asuka,修 Osamu,みどり Midori,聡 Satoshi,麻衣 Mai,剛 Tsuyoshi,沙織 Saori,光 Hikaru,薫 Kaoru
"""
GUESTS = """
ワン・ウェイ Wei Wang,リー・ナ Na Li,チャン・ミン Min Zhang,キム・ミンジュン Minjun Kim,パク・ソヨン Soyeon Park,グエン・ヴァン・アン Van An Nguyen,
アヌシュカ・シャルマ Anushka Sharma,ラフル・グプタ Rahul Gupta,マリア・ガルシア María García,ジャン=リュック・モロー Jean-Luc Moreau,
エマ・シュミット Emma Schmidt,ソフィー・オブライエン Sophie O'Brien,ジョン・スミス John Smith,オルガ・イワノワ Olga Ivanova,
フェルナンダ・シルヴァ Fernanda Silva,アハマド・ハッサン Ahmad Hassan
"""
AFFILIATIONS = """
law|Faculty of Law|法学部
medicine|Faculty of Medicine|医学部
engineering|Faculty of Engineering|工学部
letters|Faculty of Letters|文学部
science|Faculty of Science|理学部
agriculture|Faculty of Agriculture|農学部
economics|Faculty of Economics|経済学部
arts-sciences|College of Arts and Sciences|教養学部
education|Faculty of Education|教育学部
pharmacy|Faculty of Pharmaceutical Sciences|薬学部
gs-information|Graduate School of Information Science|情報理工学系研究科
gs-frontier|Graduate School of Frontier Sciences|新領域創成科学研究科
gs-policy|Graduate School of Public Policy|公共政策大学院
hospital|University Hospital|附属病院
library|University Library|附属図書館
it-center|Information Technology Center|情報基盤センター
administration|Administration Bureau|本部事務局
"""
