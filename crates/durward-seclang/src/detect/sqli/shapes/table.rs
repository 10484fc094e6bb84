//! The fingerprints of injections: libinjection's list.
//!
//! Copyright (c) 2012-2016, Nick Galbreath. All rights reserved. The licence (BSD, 3 clauses) is in `NOTICE`.

/// Each of the heads before each of the tails is a fingerprint: in capital letters, filled up to five with `_`.
#[rustfmt::skip]
pub(super) const SHAPES: &[(&str, &str)] = &[
    ("&(1 &(N", ")O )U O( OF OS OV"),
    (
        "&(F 1,F 1AF 1BF 1EF 1KF 1SF 1TF 1UF 1VF E1F ENF ESF EVF K(F N,F NAF NBF NEF NKF NTF NUF S,F S1F SAF SBF \
         SEF SKF STF SUF SVF T(F TNF UEF V,F VAF VBF VEF VKF VTF VUF",
        "() (1 (F (N (S (V",
    ),
    ("&(S", ")O )U O( O1 OF ON OS OV"),
    ("&(V", ")O )U O( OF OS"),
    ("&1O &NO N1O", "(1 (F (N (S (V F( S( S1 SF SU SV V( VF VO VS VU"),
    ("&1U &NU &SU &VU 1KU NKU SKU VKU", "E( E1 EF EK EN ES EV"),
    ("&F(", ")O )U 1) 1O F( N) NO S) SO V) VO"),
    ("&SO", "(1 (F (N (S (V 1( 1F 1N 1S 1U 1V F( N( N1 NF NU S( S1 SF SU SV V( VF VO VS VU"),
    ("&VO 1VO SVO", "(1 (F (N (S (V F( S( S1 SF SU SV"),
    (")&(", "EK EN"),
    (")UE", "(1 (F (N (S (V 1K 1O F( K( K1 KF KN KS KV NK NO SK SO VK VO"),
    ("1&( N&( S&( V&(", "1& 1) 1, 1O E( E1 EF EK EN EO ES EV F( N& N) N, NO S& S) S, SO V& V) V, VO"),
    (
        "1&1 N&1 S&1 V&1",
        "&( &1 &F &N &S &V )& )C )O )U ;C ;E ;T ;_ B( B1 BF BN BS BV C_ EK EN F( K( K1 KF KN KS KV O( OF OS OV TN \
         U( U; UC UE U_ __",
    ),
    ("1&E", "(1 (F (N (O (S (V 1; 1C 1K 1O 1_ F( K( K1 KF KN KS KU KV N; NC NK NO N_ S; SC SK SO S_ UE V; VC VK VO V_"),
    ("1&F 1OF E(F F(F N&F NOF S&F SOF V&F VOF", "() (1 (E (F (N (S (V"),
    ("1&K N&K S&K V&K", "&( &1 &F &N &S &V (1 (F (N (S (V 1O C_ F( NK O( O1 OF OK ON OS OV SO VO"),
    (
        "1&N",
        "&( &1 &F &N &S &V )& )C )O )U ;C ;E ;T ;_ B( B1 BF BN BS BV C_ EN F( K( K1 KF KN KS KV O( OF OS OV TN U( \
         U; UC UE U_",
    ),
    (
        "1&S S&S V&S",
        "&( &1 &F &N &S &V )& )C )O )U 1; 1C 1_ ;C ;E ;T ;_ B( B1 BF BN BS BV C_ EK EN F( K( K1 KF KN KS KV O( O1 \
         OF ON OS OV TN U( U; UC UE U_ V; VC VO V_ __",
    ),
    (
        "1&V N&V S&V V&V",
        "&( &1 &F &N &S &V )& )C )O )U ;C ;E ;T ;_ B( B1 BF BN BS BV C_ EK EN F( K( K1 KF KN KS KV O( OF OS S; SC \
         SO S_ TN U( U; UC UE U_ __",
    ),
    ("1(E S(E V(E", "F( KF KN NK"),
    ("1(U 1UK E1; EN; ES; EV; NUK S(U SUK V(U VUK", "(E"),
    (
        "1)& N)& S)& V)&",
        "(1 (E (F (N (S (V 1& 1) 1; 1B 1C 1F 1O 1U 1_ F( N& N) N; NB NC NF NO NU N_ S& S) S; SB SC SF SO SU S_ V& \
         V) V; VB VC VF VO VU V_",
    ),
    ("1), N), S), T1F TSF TVF V),", "(1 (F (N (S (V"),
    ("1); N); S); V);", "E( E1 EF EK EN EO ES EV T( T1 TF TK TN TO TS TV"),
    (
        "1)B N)B S)B V)B",
        "(1 (F (N (S (V 1& 1; 1C 1K 1N 1O 1U 1_ F( N& N; NC NK NO NU N_ S& S; SC SK SO SU S_ V& V; VC VK VO VU V_",
    ),
    ("1)C 1C_ 1UC 1U_ NC_ NUC S)C SC_ SUC V)C VC_ VUC VU_ X__", "__"),
    ("1)E N)E S)E V)E", "(1 (F (N (S (V 1C 1O F( K( K1 KF KN KS KV NC NO SC SO VC VO"),
    ("1)F EEK N)F S)F V)F", "(F"),
    (
        "1)K N)K S)K V)K",
        "(1 (F (N (S (V 1& 1; 1B 1E 1O 1U B( B1 BF BN BS BV F( N& N; NB NC NE NK NU S& S; SB SE SO SU UE V& V; VB \
         VE VO VU",
    ),
    (
        "1)O S)O",
        "(1 (E (F (N (S (V 1& 1) 1; 1B 1C 1K 1U 1_ F( N& N) N; NB NC NK NU S& S) S; SB SC SK SU S_ V& V) V; VB VC \
         VK VO VU V_",
    ),
    ("1)U E1U ENU ESU EVU N)U S)U V)U", "(E E( E1 EF EK EN ES EV"),
    ("1,( 1U( NU( S,( SU( V,( VU(", "1) 1O E( E1 EF EK EN ES EV F( N) NO S) SO V) VO"),
    (
        "1;E N;E S;E V;E",
        "(1 (E (F (N (S (V 1, 1; 1C 1K 1O 1T F( K( K1 KF KN KO KS KV N, N; NC NE NK NO NT S, S; SC SK SO ST V, V; \
         VC VK VO VT",
    ),
    ("1;N N;N S;N V;N", ":T"),
    (
        "1;T",
        "(1 (C (E (F (N (S (V 1( 1, 1; 1C 1F 1K 1O 1T ;C ;_ F( K( K1 KF KK KN KO KS KV N( N, N1 N; NC NF NK NN NO \
         NS NT NV O( S( S, S; SC SF SK SO ST TN V( V, V; VC VF VK VO VT",
    ),
    ("1A( NA( SA( VA(", "F( N) NO S) SO V) VO"),
    ("1AS 1AT NAS NAT SAS SAT VAS VAT", "O( O1 OF ON OS OV UE"),
    ("1AV NAV SAV VAV", "O( OF OS UE"),
    ("1B( NK( SB( VB(", "1) 1O F( NO S) SO V) VO"),
    (
        "1B1 1BN NB1 SB1 SBN VB1 VBN",
        "&( &1 &F &N &S &V ,( ,F ;C ;_ B( B1 BF BN BS BV C_ K( K1 KF KN KS KV O( OF OS OV U( UE __",
    ),
    ("1BE NBE SBE VBE", "(1 (F (N (S (V K("),
    (
        "1BS NBS SBS VBS",
        "&( &1 &F &N &S &V ,( ,F ;C ;_ B( B1 BF BN BS BV C_ K( K1 KF KN KS KV O( O1 OF ON OS OV U( UE __",
    ),
    ("1BV NBV SBV VBV", "&( &1 &F &N &S &V ,( ,F ;C ;_ B( B1 BF BN BS BV C_ K( K1 KF KN KS KV O( OF OS U( UE __"),
    ("1E( 1T( NE( NT( SE( SK( ST( VE( VK( VT(", "1) 1O F( N) NO S) SO V) VO"),
    ("1E1 NE1 SE1 VE1", ";T C_ O( OF OS OV T( T1 TF TN TS TV UE"),
    (
        "1EK SEK VEK",
        "(1 (E (F (N (S (V 1; 1C 1O 1T 1U F( N; NC NE NT NU OK S; SC SO ST SU U( U1 UE UF US UV V; VC VO VT VU",
    ),
    ("1EN SEN VEN", ";T C_ EN O( OF OS OV T( T1 TF TN TS TV UE"),
    ("1EO NEO SEO VEO", "KN"),
    ("1ES NES SES VES", ";T C_ O( O1 OF ON OS OV T( T1 TF TN TS TV UE"),
    ("1EU NEU SEU VEU", "(1 (F (N (S (V 1, 1C 1O EF EK F( S, SC SO V, VC VO"),
    ("1EV NEV SEV VEV", ";T C_ O( OF OS T( T1 TF TN TS TV UE"),
    ("1F( SF( VF(", ")1 )F )K )N )O )S )U )V 1) 1N 1O E( E1 EF EK EN ES EV F( N) N, NO S) SO V) VO"),
    ("1K(", "1O F( N) NO S) SO V) VO"),
    ("1K) NK) SK) VK)", "&( &1 &F &N &S &V ;E ;T B( B1 BF BN BS BV E( E1 EF EK EN ES EV F( O( OF UE"),
    ("1K1 SK1 VK1", "&( &1 &F &N &S &V ;C ;E ;T ;_ B( B1 BF BN BS BV C_ E( E1 EF EK EN ES EV O( OF OS OV U( UE __"),
    ("1KN SKN VKN", "&( &1 &F &N &S &V ;C ;E ;T ;_ B( B1 BF BN BS BV C_ E( E1 EF EN ES EV U( UE __"),
    (
        "1KS NKS SKS VKS",
        "&( &1 &F &N &S &V ;C ;E ;T ;_ B( B1 BF BN BS BV C_ E( E1 EF EK EN ES EV O( O1 OF ON OS OV U( UE __",
    ),
    ("1KV NKV SKV VKV", "&( &1 &F &N &S &V ;C ;E ;T ;_ B( B1 BF BN BS BV C_ E( E1 EF EK EN ES EV O( OF OS U( UE __"),
    ("1N& 1N, EE(", "F("),
    ("1N( EN(", "1O F( S) SO V) VO"),
    ("1N)", "UE"),
    ("1NE", "(1 (F (N (S (V 1C 1O F( NC NO SC SO VC VO"),
    ("1NU", "(E E( E1 E; EC EF EK EN ES EV E_"),
    ("1O( NO( SO( VO(", "1& 1) 1, 1O E( E1 EE EF EK EN EO ES EV F( N& N) N, NO S& S) S, SO V& V) V, VO"),
    ("1OK SOK VOK", "&( &1 &F &N &S &V (1 (F (N (S (V 1C 1O F( NC O( O1 OF ON OS OV SC SO VC VO"),
    ("1ON NON", "SU"),
    (
        "1OS",
        "&( &1 &E &F &K &N &S &U &V (E (U )& ), ); )B )C )E )F )K )O )U ,( ,F 1( 1F 1N 1S 1U 1V ;C ;E ;N ;T ;_ A( \
         AF AS AT AV B( B1 BE BF BN BS BV C_ E( E1 EF EK EN EO ES EU EV F( K( K) K1 KB KF KN KS KU KV T( T1 TE TF \
         TN TS TT TV U( U1 U; UC UE UF UK UO US UT UV U_ V( VF VO VS VU",
    ),
    ("1OU NOU SOU VOU", "(E EK EN"),
    (
        "1OV SOV",
        "&( &1 &E &F &K &N &S &U &V (E (U )& ), ); )B )C )E )F )K )O )U ,( ,F ;C ;E ;N ;T ;_ A( AF AS AT AV B( B1 \
         BE BF BN BS BV C_ E( E1 EF EK EN EO ES EU EV F( K( K) K1 KB KF KN KS KU KV O( OF OK OS OU S( S1 SF SO SU \
         SV T( T1 TE TF TN TS TT TV U( U1 U; UC UE UF UK UO US UT UV U_ __",
    ),
    ("1SU 1VU N1U NSU S1U SVU", "E; EC EK E_"),
    ("1SV E1V ESV S1V", ";C ;_ C_ O( OF OS __"),
    ("1T1 NT1 ST1 VT1", "(F O( OF OS OV"),
    ("1TE NTE STE VTE", "(1 (F (N (S (V 1N 1O F( K( K1 KF KN KS KV NN NO SN SO VN VO"),
    (
        "1TN NTN STN VTN",
        "(1 (F (S (V 1C 1O ;E ;N ;T E( E1 EF EN ES EV F( KN N: NC NO O( OF OS OV SC SO T( T1 TF TN TS TV VC VO",
    ),
    ("1TS NTS STS VTS", "(F O( O1 OF ON OS OV"),
    ("1TT NTT STT VTT", "NE NK NN NT"),
    ("1TV NTV STV VTV", "(1 (F O( OF OS"),
    ("1U1 NU1 SU1 VU1", ",( ,F C_ O( OF OS OV"),
    ("1U; NU; SU; VU;", "C_ __"),
    (
        "1UE",
        "(1 (E (F (N (O (S (V 1& 1( 1) 1, 1; 1B 1C 1F 1K 1N 1O 1S 1U 1V 1_ ;C ;_ C_ F( F, F; FC F_ K( K1 K; KC KF \
         KN KO KS KV K_ N& N( N) N, N1 N; NB NC NF NK NN NO NS NU N_ OK ON S& S( S) S, S1 S; SB SC SF SK SO SU SV \
         S_ V& V( V) V, V; VB VC VF VK VN VO VS VU V_ __",
    ),
    ("1UO NUO SUO VUO", "(E N( N1 NF NS"),
    ("1US NUS SUS VUS", ",( ,F C_ O( O1 OF ON OS OV"),
    ("1UT NUT SUT VUT", "N( N1 NF NN NS NV"),
    ("1UV NUV SUV VUV", ",( ,F C_ O( OF OS"),
    ("1VS EVS", ";C ;_ C_ O( O1 OF ON OS OV __"),
    (";T(", "EF EK"),
    (";TK", "NC"),
    ("E(1", "&( &1 &F &N &S &V )& ), )1 ); )B )C )F )K )N )O )S )U )V ,F F( N) O( OF OS OV S) V) VO"),
    ("E(E", "(1 (E (F (N (S (V 1& 1) 1O F( K( K1 KF KN KS KV N& N) NO S& S) SO V& V) VO"),
    ("E(N", "&( &1 &F &N &S &V (1 (F (S (V )& ), )1 ); )B )C )F )K )N )O )S )U )V ,F 1) 1O F( O( OF OS OV"),
    ("E(S", "&( &1 &F &N &S &V )& ), )1 ); )B )C )F )K )N )O )S )U )V ,F 1) F( O( O1 OF ON OS OV V) VO"),
    ("E(V", "&( &1 &F &N &S &V )& ), )1 ); )B )C )F )K )N )O )S )U )V ,F F( O( OF OS S) SO"),
    ("E1& EN& ES& EV&", "(1 (E (F (N (S (V 1) 1O F( N) NO S) SO V) VO"),
    ("E1) EN) ES) EV)", "&( &1 &F &N &S &V ;( ;C ;E ;T ;_ C_ KN O( O1 OF ON OS OV UE __"),
    ("E1, EN, ES, EV, K1, KN, KS, KV,", "(1 (F (N (S (V F("),
    ("E1B ENB ESB EVB", "(1 (F (N (S (V 1) 1O F( N) NO S) SO V) VO"),
    ("E1K ESK EVK", "(1 (E (F (N (S (V 1) 1K 1O F( N) N; NC NK NU N_ S) SK SO V) VK VO"),
    ("E1N", ")U ;C ;_ C_ KN"),
    ("E1O ENO", "(1 (E (F (N (S (V F( S& S( S) S, S1 S; SB SF SK SU SV V& V( V) V, V; VB VF VK VO VS VU"),
    ("E1S N1S S1S", ";C ;_ C_"),
    (
        "EF(",
        ")& ), )1 ); )B )F )K )N )O )S )U )V 1& 1) 1, 1O E( E1 EF EK EN ES EV F( N& N) N, NO O) S& S) S, SO V& V) \
         V, VO",
    ),
    (
        "EK(",
        "1& 1( 1) 1, 1F 1N 1O 1S 1V E( E1 EF EK EN ES EV F( N& N( N) N, N1 NF NO S& S( S) S, S1 SF SO SV V& V( V) \
         V, VF VO VS",
    ),
    (
        "EK1",
        "&( &1 &F &N &S &V )& ); )C )K )O )U )_ ,( ,F ;( B( B1 BF BN BS BV F( K( K1 KF KN KS KV N) N; NC NK N_ O( \
         OF OS OV S; SC SF SK S_ U( UE V; VC VF VK VO V_",
    ),
    ("EKE", "(F K("),
    ("EKF", "() (1 (E (F (N (O (S (V"),
    (
        "EKN",
        "&( &1 &F &N &S &V (1 (F (S (V )& ); )C )K )O )U )_ ,( ,F 1; 1C 1K 1O 1_ ;( B( B1 BF BN BS BV F( K( K1 KF \
         KN KS KV U( UE",
    ),
    ("EKO", "(1 (F (N (S (V K( KN"),
    (
        "EKS",
        "&( &1 &F &N &S &V )& ); )C )K )O )U )_ ,( ,F 1; 1C 1F 1K 1_ ;( B( B1 BF BN BS BV F( K( K1 KF KN KS KV O( \
         O1 OF ON OS OV U( UE V; VC VF VK VO V_",
    ),
    (
        "EKV",
        "&( &1 &F &N &S &V )& ); )C )K )O )U )_ ,( ,F ;( B( B1 BF BN BS BV F( K( K1 KF KN KS KV O( OF OS S; SC SF \
         SK SO S_ U( UE",
    ),
    ("EN1 TN1 TNN", ";C ;_ O( OF OS OV"),
    ("ENK", "(1 (E (F (N (S (V 1) 1K 1O F( N) N, N; NB NC NK NU S) SK SO V) VK VO"),
    ("EOK", "(E NK"),
    ("ES1", ";C ;_ C_ __"),
    (
        "ESO",
        "(1 (E (F (N (S (V 1& 1( 1) 1, 1; 1B 1F 1K 1N 1S 1U 1V F( N& N( N) N, N1 N; NB NF NK NU S& S( S) S, S1 S; \
         SB SF SK SU SV V& V( V) V, V; VB VF VK VO VS VU",
    ),
    ("EVN", ")U ;C ;_ C_ KN O( OF OS OV __"),
    ("EVO", "(1 (E (F (N (S (V F( S& S( S) S, S1 S; SB SF SK SU SV"),
    (
        "F()",
        "&( &1 &E &F &K &N &S &V ,( ,1 ,F ,N ,S ,V 1( 1F 1N 1O 1S 1U 1V ;E ;N ;T A( AF AS AT AV B( B1 BE BF BN BS \
         BV C_ E( E1 EF EK EN EO ES EU EV F( K( K) K1 KF KN KS KU KV N& N( N) N, N1 NE NF NO NU O( O1 OF OK ON OS \
         OU OV S( S1 SF SO SU SV T( T1 TE TF TN TS TT TV U( U1 U; UC UE UF UK UO US UT UV U_ V( VF VO VS VU",
    ),
    ("F(1 F(N", "&( &1 &F &N &S &V )& ), )1 ); )A )B )C )E )F )K )N )O )S )T )U )V )_ ,( ,F O( OF OS OV"),
    ("F(E", "(1 (E (F (N (S (V 1& 1) 1K 1O F( K( K1 KF KN KO KS KV N& N) NK NO OK S& S) SK SO V& V) VK VO"),
    ("F(K", "() ,( ,F"),
    ("F(S", "&( &1 &F &N &S &V )& ), )1 ); )A )B )C )E )F )K )N )O )S )T )U )V )_ ,( ,F O( O1 OF ON OS OV"),
    ("F(T", ",( ,F"),
    ("F(V", "&( &1 &F &N &S &V )& ), )1 ); )A )B )C )E )F )K )N )O )S )T )U )V )_ ,( ,F O( OF OS"),
    ("K(1 K(N", "), )A )K )O O( OF OS OV"),
    ("K(S", "), )A )K )O O( O1 OF ON OS OV"),
    ("K(V", "), )A )K )O O( OF OS"),
    ("K1A KNA KSA KVA", "(F (N (S (V F( SO VO"),
    ("K1K KNK KSK KVK", "(1 (F (N (S (V 1O 1U F( NU SO SU VO VU"),
    ("K1O", "(1 (F (N (S (V F( S( S, S1 SA SF SK SV V( V, VA VF VK VO VS"),
    ("KF(", "), )A )K )O 1) 1O F( N) NO S) SO V) VO"),
    ("KSO", "(1 (F (N (S (V 1( 1, 1A 1F 1K 1N 1S 1V F( N( N, N1 NA NF NK S( S, S1 SA SF SK SV V( V, VA VF VK VO VS"),
    ("KVO", "(1 (F (N (S (V F( S( S, S1 SA SF SK SV"),
    ("N&E", "(1 (F (N (O (S (V 1; 1C 1K 1O 1_ F( K( K1 KF KN KS KV N; NC NK NO S; SC SK SO S_ V; VC VK VO V_"),
    ("N&N", "&( &1 &F &S &V )& )C )O )U ;C ;E ;T B( B1 BF BS BV F( K( K1 KF KS KV O( OF OS OV U( U; UC UE U_"),
    (
        "N&S",
        "&( &1 &F &N &S &V )& )C )O )U 1; 1C 1_ ;C ;E ;T ;_ B( B1 BF BN BS BV C_ EK EN F( K( K1 KF KN KS KV O( O1 \
         OF ON OS OV TN U( U; UC UE U_ V; VC VO V_",
    ),
    (
        "N)O",
        "(1 (E (F (N (S (V 1& 1) 1; 1B 1C 1K 1U F( N& N) N; NB NC NK NU S& S) S; SB SC SK SU S_ V& V) V; VB VC VK \
         VO VU V_",
    ),
    ("N,(", "1) 1O E( E1 EF EK EN ES EV F( NO S) SO V) VO"),
    ("N1V", ";C ;_ C_ O( OF OS"),
    (
        "N;T",
        "(1 (C (E (F (N (S (V 1( 1, 1; 1C 1F 1K 1O 1T ;C ;_ F( K( K1 KF KK KO KS KV N( N, N1 N; NC NE NF NK NN NO \
         NS NT NV O( S( S, S; SC SF SK SO ST TN V( V, V; VC VF VK VO VT",
    ),
    ("NB(", "1& 1) 1O F( N& NO S& S) SO V& V) VO"),
    ("NBN", "&( &1 &F &N &S &V ,( ,F ;C ;_ B( B1 BF BN BS BV C_ K( K1 KF KN KS KV O( OF OS OV U( UE"),
    ("NEN", ";T O( OF OS OV T( T1 TF TN TS TV UE"),
    ("NF(", ")1 )F )K )N )O )S )U )V 1) 1O E( E1 EF EK EN ES EV F( N, NO S) SO V) VO"),
    ("NK1", "&( &1 &F &N &S &V ;C ;E ;T B( B1 BF BN BS BV C_ E( E1 EF EK EN ES EV O( OF OS OV U( UE __"),
    ("NKN", "&( &1 &F &S &V ;C ;E ;T B( B1 BF BN BS BV E( E1 EF ES EV U( UE __"),
    ("NOK", "&( (1 (F (N (S (V 1C 1O F( NC O( O1 OF ON OS OV SC SO VC VO"),
    (
        "NOS",
        "&( &1 &E &F &K &N &S &U &V (E (U )& ), ); )B )C )E )F )K )O )U ,( ,F 1( 1F 1N 1S 1U 1V ;C ;E ;T ;_ A( AF \
         AS AT AV B( B1 BE BF BN BS BV C_ E( E1 EF EK EN EO ES EU EV F( K( K) K1 KB KF KN KS KU KV T( T1 TE TF TN \
         TS TT TV U( U1 U; UC UE UF UK UO US UT UV U_ V( VF VO VS VU",
    ),
    (
        "NOV",
        "&( &1 &E &F &K &N &S &U &V (E (U )& ), ); )B )C )E )F )K )O )U ,( ,F ;C ;E ;N ;T ;_ A( AF AS AT AV B( B1 \
         BE BF BN BS BV C_ E( E1 EF EK EN EO ES EU EV F( K( K) K1 KB KF KN KS KU KV O( OF OK OS OU S( S1 SF SO SU \
         SV T( T1 TE TF TN TS TT TV U( U1 U; UC UE UF UK UO US UT UV U_",
    ),
    ("NSO", "1U NU SU VU"),
    (
        "NUE SUE VUE",
        "(1 (E (F (N (O (S (V 1& 1( 1) 1, 1; 1B 1C 1F 1K 1N 1O 1S 1U 1V 1_ ;C ;_ C_ F( F, F; FC F_ K( K1 K; KC KF \
         KN KO KS KV K_ N& N( N) N, N1 N; NB NC NF NK NO NS NU N_ OK ON S& S( S) S, S1 S; SB SC SF SK SO SU SV S_ \
         V& V( V) V, V; VB VC VF VK VN VO VS VU V_ __",
    ),
    ("S&E V&E", "(1 (F (N (O (S (V 1; 1C 1K 1O 1_ F( K( K1 KF KN KS KV N; NC NK NO N_ S; SC SK SO S_ V; VC VK VO V_"),
    (
        "S&N V&N",
        "&( &1 &F &N &S &V )& )C )O )U ;C ;E ;T ;_ B( B1 BF BN BS BV C_ EN F( K( K1 KF KN KS KV O( OF OS OV TN U( \
         U; UC UE U_ __",
    ),
    ("S1N", "C_"),
    (
        "S;T V;T",
        "(1 (C (E (F (N (S (V 1( 1, 1; 1C 1F 1K 1O 1T ;C ;_ F( K( K1 KF KK KN KO KS KV N( N, N1 N; NC NE NF NK NN \
         NO NS NT NV O( S( S, S; SC SF SK SO ST TN V( V, V; VC VF VK VO VT",
    ),
    (
        "SO1",
        "&( &1 &E &F &K &N &S &U &V (E (U )& ), ); )B )C )E )F )K )O )U ,( ,F ;C ;E ;N ;T ;_ A( AF AS AT AV B( B1 \
         BE BF BN BS BV C_ E( E1 EF EK EN EO ES EU EV F( K( K) K1 KB KF KN KS KU KV N& N( N, NE NU SU SV T( T1 TE \
         TF TN TS TT TV U( U1 U; UC UE UF UK UO US UT UV U_ V( VF VO VS VU",
    ),
    (
        "SON",
        "&( &1 &E &F &K &N &S &U &V (1 (E (F (S (U (V )& ), ); )B )C )E )F )K )O )U ,( ,F 1( 1O 1U 1V ;C ;E ;N ;T \
         ;_ A( AF AS AT AV B( B1 BE BF BN BS BV E( E1 EF EN EO ES EU EV F( K( K) K1 KB KF KS KU KV SU T( T1 TE TF \
         TN TS TT TV U( U1 U; UC UE UF UK UO US UT UV U_",
    ),
    (
        "SOS VOS",
        "&( &1 &E &F &K &N &S &U &V (E (U )& ), ); )B )C )E )F )K )O )U ,( ,F 1( 1F 1N 1S 1U 1V ;C ;E ;N ;T ;_ A( \
         AF AS AT AV B( B1 BE BF BN BS BV C_ E( E1 EF EK EN EO ES EU EV F( K( K) K1 KB KF KN KS KU KV T( T1 TE TF \
         TN TS TT TV U( U1 U; UC UE UF UK UO US UT UV U_ V( VF VO VS VU __",
    ),
    ("SVS", ";C ;_ C_ O( O1 OF ON OS OV"),
    ("T(1", ")F )O F( N) O( OF OS OV S) V) VO"),
    ("T(N", "(1 (F (S (V )F )O 1) 1O F( N) NO O( OF OS OV S) SO V) VO"),
    ("T(S", ")F )O 1) F( N) NO O( O1 OF ON OS OV V) VO"),
    ("T(V", ")F )O F( O( OF OS S) SO V)"),
    ("T1O TNO", "(1 (F (N (S (V F( SF VF VO"),
    ("TF(", ")F )O 1) 1O F( N) NO S) SO V) VO"),
    ("TN(", "1) 1O F( S) SO V) VO"),
    ("TNS", ";C ;_ O( O1 OF ON OS OV"),
    ("TNV", ";C ;_ O( OF OS"),
    ("TSO", "(1 (F (N (S (V 1F F( NF SF VF VO"),
    ("TVO", "(1 (F (N (S (V F( SF"),
    ("U(E", "(1 (F (K (N (S (V 1) 1O F( K( K1 KF KN KO KS KV N) NK NO OK S) SO V) VO"),
    ("UE(", "1) 1, 1O F( N) N, NO S) S, SO V) V, VO"),
    ("UE1", ",( ,F ;C ;_ C_ K( K1 KF KN KS KV O( OF OS OV __"),
    ("UEK", "(1 (F (N (S (V 1, 1; 1C 1K 1O 1_ F( N( N, N; NC NK N_ S, S; SC SK SO S_ V, V; VC VK VO V_"),
    ("UEN", "() ,( ,F ;C ;_ C_ K( K1 KF KN KS KV O( OF OS OV"),
    ("UES", ",( ,F ;C ;_ C_ K( K1 KF KN KS KV O( O1 OF ON OS OV __"),
    ("UEV", ",( ,F ;C ;_ C_ K( K1 KF KN KS KV O( OF OS __"),
    ("UF(", "1O F( NO SO VO"),
    (
        "V)O",
        "(1 (E (F (N (S (V 1& 1) 1; 1B 1C 1K 1U 1_ F( N& N) N; NB NC NK NU N_ S& S) S; SB SC SK SU S_ V& V) V; VB \
         VC VK VO VU V_",
    ),
];
