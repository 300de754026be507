use crate::world::{World, registration, now};
use proto::v1 as pb;
#[tokio::test]
async fn probe() {
    let world = World::together().await;
    let union = world.agency("yiwu-union");
    for id in ["x".repeat(100_000), "a/b/../c".to_owned(), "\u{202e}\0".to_owned()] {
        let request = pb::RegisterCaseRequest { request_id: id.clone(), ..registration("测试工友") };
        let a = union.cases().register_case(request).await;
        println!("PROBE id len {} -> {:?}", id.len(), a.map(|c| c.into_inner().name).map_err(|s| host::Refused::read(&s).reason));
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let other = casenet::init::make(elsewhere.path(), casenet::city::yiwu(), 0, now()).unwrap();
    let t = other.agency_files("yiwu-union");
    let o = world.config.agency_files("yiwu-union");
    let files = host::tls::PemFiles::new(t.certificate, t.key, o.authority);
    let c = casenet::client::Client::new(&world.gateway, &host::ClientIdentity::new(files)).unwrap();
    let s = c.cases().list_cases(pb::ListCasesRequest::default()).await.unwrap_err();
    let r = host::Refused::read(&s);
    println!("PROBE ca {:?} {:?} {:?} {:?}", s.code(), s.message(), r.reason, r.retry_after);
}
