use proptest::prelude::*;

use super::*;
use crate::node::Board;

fn mac(n: u8) -> MacAddr {
    MacAddr([0xdc, 0xa6, 0x32, 0, 0, n])
}

fn address(n: u8) -> IpAddr {
    [10, 0, 0, n].into()
}

fn key(n: u8) -> Fingerprint {
    Fingerprint(format!("SHA256:{n}"))
}

fn member(n: u8) -> Member {
    Member {
        id: NodeId::from_mac(mac(n)),
        name: format!("pi{n:02}").parse().expect("a name"),
        address: address(n),
        port: 22,
        user: "pi".into(),
        mac: Some(mac(n)),
        host_key: Some(key(n)),
        head: n == 1,
        cores: None,
        mpi: None,
        mpi_prefix: None,
        identity: None,
        jump: None,
        board: Board { serial: Some(format!("1000{n}")), ..Board::default() },
    }
}

/// `members` after `new` was put among them.
fn after(mut members: Vec<Member>, new: Member) -> Vec<Member> {
    for changed in put(&members.clone(), new) {
        members.retain(|m| m.id != changed.id);
        members.push(changed);
    }
    members.sort_by(|a, b| a.name.cmp(&b.name));
    members
}

fn named<'a>(members: &'a [Member], name: &str) -> &'a Member {
    members.iter().find(|m| m.name.as_str() == name).expect("it is there")
}

#[test]
fn an_address_goes_to_the_member_that_was_seen_there_last() {
    let two = vec![member(1), member(2)];
    // pi02 is seen where pi01 was: nothing is known of pi01's address any more.
    let now = after(two.clone(), Member { address: address(1), ..member(2) });
    assert_eq!((named(&now, "pi01").place(), named(&now, "pi02").place()), (None, Some(address(1))));
    // And pi01 where pi02 was: they have swapped.
    let now = after(now, Member { address: address(2), ..member(1) });
    assert_eq!((named(&now, "pi01").place(), named(&now, "pi02").place()), (Some(address(2)), Some(address(1))));
    // Another port, or other jump hosts: another place.
    for new in [Member { port: 2222, ..member(2) }, Member { jump: Some("gate".into()), ..member(2) }] {
        let now = after(two.clone(), Member { address: address(1), ..new });
        assert_eq!(named(&now, "pi01").place(), Some(address(1)));
    }
}

#[test]
fn an_adapter_goes_with_the_board_that_reports_it() {
    let with = |n: u8, macs: &[u8]| Member {
        board: Board { macs: macs.iter().copied().map(mac).collect(), ..member(n).board },
        ..member(n)
    };
    let now = after(vec![with(1, &[9]), member(2)], with(2, &[9]));
    assert_eq!((&named(&now, "pi01").board.macs[..], &named(&now, "pi02").board.macs[..]), (&[][..], &[mac(9)][..]));
    // It was the only one that was known of pi01, or not.
    let now = after(vec![member(1), member(2)], with(2, &[1]));
    assert_eq!(named(&now, "pi01").mac, None);
    let now = after(vec![with(1, &[8]), member(2)], with(2, &[1]));
    assert_eq!((named(&now, "pi01").mac, named(&now, "pi01").board.macs.len()), (Some(mac(8)), 0));
    // An entry names each once.
    assert_eq!(put(&[], with(1, &[1, 8, 8]))[0].board.macs, [mac(8)]);
}

#[test]
fn a_cloned_sd_card_leaves_the_host_key_with_the_first() {
    let now = after(vec![member(1)], Member { host_key: Some(key(1)), ..member(2) });
    assert_eq!((&named(&now, "pi01").host_key, &named(&now, "pi02").host_key), (&Some(key(1)), &None));
    assert_eq!(named(&now, "pi02").offered_key(), Some(&key(1)), "screens show that it is a clone");
    let now = after(now, member(2));
    assert_eq!((named(&now, "pi02").host_key.as_ref(), &named(&now, "pi02").board.shared_key), (Some(&key(2)), &None));
}

/// What pictl once wrote for a board with a cable and Wi-Fi.
#[test]
fn entries_of_one_board_become_one_and_that_is_explained() {
    let wifi = Member { name: "pi04".parse().expect("a name"), address: address(2), host_key: None, ..member(9) };
    let wifi = Member { board: Board::default(), ..wifi };
    let (mended, remarks) = mend(vec![member(1), member(2), member(3), wifi]);
    assert_eq!(mended.len(), 3);
    assert_eq!(named(&mended, "pi02").board.macs, [mac(9)]);
    assert_eq!(remarks, ["pi02 and pi04 were one board (address 10.0.0.2): it is pi02 from now on"]);
    // The head keeps its name.
    let head = Member { name: "zulu".parse().expect("a name"), head: true, ..member(3) };
    let (mended, remarks) = mend(vec![Member { address: address(7), ..member(3) }, head]);
    assert_eq!((mended.len(), mended[0].name.as_str(), mended[0].head), (1, "zulu", true));
    assert!(remarks[0].contains("zulu and pi03 were one board"), "{remarks:?}");
}

#[test]
fn two_boards_stay_two() {
    let (mended, remarks) = mend(vec![member(1), Member { address: address(1), ..member(2) }]);
    assert_eq!((mended.len(), named(&mended, "pi02").place()), (2, None));
    assert!(remarks[0].contains("two boards") && remarks[0].contains("until a scan finds it"), "{remarks:?}");
    let clone = Member { host_key: Some(key(1)), ..member(2) };
    let (mended, remarks) = mend(vec![member(1), clone]);
    assert_eq!((mended.len(), &mended[1].host_key), (2, &None));
    assert!(remarks[0].contains("cloned SD card"), "{remarks:?}");
    let same_id = Member { id: member(1).id, ..member(2) };
    let (mended, _) = mend(vec![member(1), same_id]);
    assert_eq!((mended.len(), &mended[1].id), (2, &member(2).id));
    // What keeps the rule is left as it is.
    let members = vec![member(1), member(2), member(3)];
    assert_eq!(mend(members.clone()), (members, Vec::new()));
}

/// Members of few values, so that they have much in common.
fn members() -> impl Strategy<Value = Vec<Member>> {
    let one = (0..4_u8, 0..4_u8, 0..2_u8, prop::option::of(0..4_u8), prop::option::of(0..4_u8), any::<u8>());
    let more = (prop::option::of(0..3_u8), prop::collection::vec(0..5_u8, 0..3));
    prop::collection::vec((one, more), 0..7).prop_map(|all| {
        let one = |(at, ((id, place, port, mac_of, key_of, head), (serial, macs)))| {
            let (at, board): (usize, _) = (
                at,
                Board {
                    serial: Option::map(serial, |n: u8| format!("{n:04}")),
                    macs: Vec::into_iter(macs).map(mac).collect(),
                    ..Board::default()
                },
            );
            Member {
                id: NodeId::from_mac(mac(id)),
                name: format!("pi{at:02}").parse().expect("a name"),
                address: if place == 0 { NOWHERE } else { address(place) },
                port: 22 + u16::from(port),
                mac: Option::map(mac_of, mac),
                host_key: Option::map(key_of, key),
                head: head % 3 == 0,
                board,
                ..member(1)
            }
        };
        all.into_iter().enumerate().map(one).collect()
    })
}

proptest! {
    #[test]
    fn the_rule_holds_whatever_is_put(all in members()) {
        let mut inventory = Vec::new();
        for new in all {
            let (id, place) = (new.id.clone(), new.place());
            inventory = after(inventory, new);
            prop_assert_eq!(broken(&inventory), None);
            let put = inventory.iter().find(|m| m.id == id).expect("it is there");
            prop_assert_eq!(put.place(), place, "it is where it was seen");
            // Once more changes nothing.
            prop_assert_eq!(&after(inventory.clone(), put.clone()), &inventory);
        }
    }

    #[test]
    fn every_list_can_be_mended_and_nothing_is_done_without_a_word(all in members()) {
        let count = all.len();
        let (mended, remarks) = mend(all.clone());
        prop_assert_eq!(broken(&mended), None);
        prop_assert!(count - mended.len() <= remarks.len(), "{:?}", remarks);
        if remarks.is_empty() {
            prop_assert_eq!(&mended, &all);
        }
        prop_assert_eq!(all.is_empty(), mended.is_empty());
        prop_assert_eq!(mend(mended.clone()), (mended, Vec::new()));
    }
}
