//! The witness is cut off at every call, in every way: run again it makes one anchor of each day, none is missing, and
//! each was told.

use std::collections::BTreeSet;

use domain::Retention;
use tests::witnessing::{FAULTS, cut_off, scheduled, told, witness};
use tests::world::at;
use tests::{Fault, Vault, World, exhaustive};

use super::{DAY, export, record, series, wrong};

/// Decides for the call with this number alone.
fn only(number: usize, fault: Fault) -> impl FnMut(usize) -> Fault + Send + 'static {
    move |call| if call == number { fault } else { Fault::None }
}

async fn expect_one_anchor_of_each_day(world: &World, vault: &Vault, what: &str) {
    vault.heal();
    world.wire.heal();
    scheduled(&witness(world, vault, Retention::FOREVER), at(2 * DAY)).await.unwrap();
    let series = series(vault);
    let days: Vec<&str> = series.anchors().iter().map(|anchor| anchor.record.day.as_str()).collect();
    assert_eq!(days, ["2026-03-01", "2026-03-02"], "{what}");
    assert!(series.anchors().iter().all(|anchor| anchor.signature.is_some()), "{what}");
    let expected: BTreeSet<String> = series.anchors().iter().map(|anchor| format!("anchor:{}", anchor.hash)).collect();
    let told: BTreeSet<String> = told(world).iter().map(|told| told["dedupeId"].as_str().unwrap().to_owned()).collect();
    assert_eq!(told, expected, "{what}");
}

#[tokio::test(start_paused = true)]
async fn it_can_be_cut_off_anywhere() {
    let mut calls = 0;
    for number in 0.. {
        let (mut of_vault, mut of_wire) = (0, 0);
        for fault in FAULTS {
            for at_vault in [true, false] {
                if !exhaustive() && !(number + fault as usize + usize::from(at_vault)).is_multiple_of(3) {
                    continue;
                }
                let (world, vault) = (World::new().await, Vault::default());
                record(&world, "d-1", 0).await;
                record(&world, "d-2", 10).await;
                scheduled(&witness(&world, &vault, Retention::FOREVER), at(DAY)).await.unwrap();
                record(&world, "d-1", DAY).await;
                vault.reset();
                world.wire.heal();
                let before = world.wire.calls().len();
                let mut decide = only(number, fault);
                if at_vault {
                    vault.decide(move |call, _| decide(call));
                } else {
                    world.wire.decide(move |call, _, _| decide(call));
                }
                cut_off(&world, &vault, at(2 * DAY)).await;
                of_vault = of_vault.max(vault.calls().len());
                of_wire = of_wire.max(world.wire.calls().len() - before);
                expect_one_anchor_of_each_day(&world, &vault, &format!("{number} {fault:?} {at_vault}")).await;
                calls += 1;
            }
        }
        if number > of_vault.max(of_wire) {
            break;
        }
    }
    assert!(calls > 20, "{calls}");
}

#[tokio::test]
async fn two_at_once_make_one_anchor() {
    let (world, vault) = (World::new().await, Vault::default());
    for number in 0..5 {
        record(&world, &format!("d-{number}"), number).await;
    }
    let witnesses = [(); 4].map(|()| witness(&world, &vault, Retention::FOREVER));
    let made = futures_util::future::join_all(witnesses.iter().map(|witness| scheduled(witness, at(DAY)))).await;
    let made: Vec<u64> = made.into_iter().flat_map(Result::unwrap).collect();
    assert_eq!(made, [1]);
    assert_eq!(series(&vault).anchors().len(), 1);
    // One of the moment, and one of closed days: whichever is first, none has the number of the other.
    let (one, other) = (&witnesses[0], &witnesses[1]);
    let (now, scheduled) = tokio::join!(one.handle(r#"{"anchor":"now"}"#, at(2 * DAY)), scheduled(other, at(2 * DAY)));
    now.unwrap();
    scheduled.unwrap();
    series(&vault);
    assert_eq!(wrong(&export(&world, 2).await, &vault), []);
}
