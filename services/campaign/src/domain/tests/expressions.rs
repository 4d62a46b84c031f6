//! Expressions: what they say, what they refuse and where, and that none takes long.

use super::*;

/// An order of two lines: shoes for 100.00 of which 10.00 was discounted, and two socks for 30.00.
fn shopping() -> Order {
    let shoes = PurchaseLine {
        categories: vec!["shoes".into(), "running".into()],
        brand: "acme".into(),
        sku: "A-1".into(),
        ..line("1", 100_00, 10_00, 5_00)
    };
    let socks = PurchaseLine {
        quantity: 2,
        categories: vec!["socks".into()],
        ..line("2", 30_00, 0, 0)
    };
    let payment = Payment {
        method: "card".into(),
        minor_units: 120_00,
    };
    let purchase = Purchase::new("17".into(), vec![shoes, socks], 6_00, vec![payment]).unwrap();
    let mut order = order(purchase, facts(Ratio::ONE), rules(vec![accrual()], vec![]));
    order.facts.purchases_before = 0;
    order.facts.enrolled_at = Some("1997-01-05T12:00:00Z".parse().unwrap());
    order
}

fn applies(order: &Order, expression: &str) -> Option<NotFired> {
    let asking = Campaign {
        condition: Some(Condition::Is(Test::Expression(Expression::condition(expression)))),
        ..campaign("asking", add(1))
    };
    assert!(
        asking.contradictions(&[&accrual()]).is_empty(),
        "{expression}: {:?}",
        asking.contradictions(&[&accrual()])
    );
    let order = Order {
        rules: rules(vec![accrual()], vec![asking]),
        ..order.clone()
    };
    fared(&decided(&order))[0].1
}

fn formula(order: &Order, formula: &str) -> i64 {
    let adding = campaign("adding", Does::Formula(Expression::formula(formula)));
    assert!(
        adding.contradictions(&[&accrual()]).is_empty(),
        "{formula}: {:?}",
        adding.contradictions(&[&accrual()])
    );
    let order = Order {
        rules: rules(vec![accrual()], vec![adding]),
        ..order.clone()
    };
    decided(&order).accruals[0].added_points.get()
}

#[test]
fn an_expression_says_what_is_so() {
    let order = shopping();
    for so in [
        "order.lines.exists(l, 'shoes' in l.categories && l.price >= 9000)",
        "order.lines.all(l, l.quantity < 3) && !order.lines.exists(l, l.brand == 'other')",
        "order.lines.exists_one(l, l.sku.startsWith('A'))",
        "order.spend == 12000 && order.gross - order.discount == order.spend && order.tax == 500 && order.freight == 600",
        "order.lines.filter(l, l.price > 5000).size() == 1",
        "sum(order.lines.map(l, l.price / l.quantity)) == 10500",
        "size(order.payments) == 1 && order.payments.all(p, p.method in ['card', 'gift'] && p.amount == 12000)",
        "activity.channel == 'web' && activity.store == '' && activity.kind == 'purchase'",
        "member.purchases_before == 0 && member.days_enrolled == 10 && member.level('status') != 'x'",
        "time.year == 1997 && time.month == 1 && time.day == 15 && time.weekday == 3 && time.hour == 20 && time.minute == 0",
        "order.lines.exists(l, l.sku.matches('^A-[0-9]+$'))",
        "'a\\'b'.contains(\"'\") && 'xyz'.endsWith('z') && int('12') * -2 == -24 && 7 % 4 == 3 && (true ? 1 : 2) == 1",
        "-9223372036854775808 < 9223372036854775807",
        // What settles it settles it, whatever else cannot be worked out.
        "1 / 0 == 1 || true",
        "!(1 / 0 == 1 && false)",
        "order.lines.exists(l, 100 / (l.price - 3000) > 0 || l.price == 9000)",
    ] {
        assert_eq!(applies(&order, so), None, "{so}");
    }
    for not in [
        "order.spend > 12000",
        "order.lines.exists(l, l.price == 1)",
        "false",
        "[].size() > 0",
        "1 in []",
    ] {
        assert_eq!(applies(&order, not), Some(NotFired::OtherExpression), "{not}");
    }
    for failing in [
        "1 / (order.spend - 12000) == 0",
        "9223372036854775807 + order.spend > 0",
        "int('abc') == 1",
        "order.lines.all(l, 100 / (l.price - 3000) >= 0)",
        "-(-9223372036854775807 - 1) > 0",
    ] {
        assert_eq!(applies(&order, failing), Some(NotFired::ExpressionFailed), "{failing}");
    }
}

#[test]
fn a_formula_is_judged_by_what_is_kept_and_brings_nothing_where_it_comes_to_nothing() {
    let mut order = shopping();
    assert_eq!(
        formula(&order, "order.lines.size() * 10 + (order.spend > 10000 ? 5 : 0)"),
        25
    );
    for nothing in ["0", "-5", "1 / 0", "1000000001", "9223372036854775807 * 2"] {
        assert_eq!(formula(&order, nothing), 0, "{nothing}");
    }
    let adding = campaign("adding", Does::Formula(Expression::formula("order.lines.size() * 10")));
    order.rules = rules(vec![accrual()], vec![adding]);
    let whole = earned(&order);
    let back = take_back(&mut order, &[("2", 0)]);
    assert_eq!((whole, back.metrics.points_earned), (120 + 20, -30 - 10));
}

#[test]
fn attributes_are_asked_of_activities() {
    let asking = |expression: &str| Campaign {
        trigger: Trigger::Custom("quiz".into()),
        condition: Some(Condition::Is(Test::Expression(Expression::condition(expression)))),
        ..campaign("quiz", add(7))
    };
    let judged = |expression: &str| {
        let rules = rules(vec![accrual()], vec![asking(expression)]);
        let custom = Custom {
            kind: "quiz".into(),
            reference: "spring".into(),
            attributes: BTreeMap::from([("score".to_owned(), "80".to_owned())]),
        };
        let decided = decide_custom(&occasion("1997-01-15T12:00:00Z"), &custom, &facts(Ratio::ONE), &rules).unwrap();
        fared(&decided.decision)[0].1
    };
    let known = "'score' in activity.attributes && int(activity.attributes['score']) >= 80 && activity.attributes.score == '80'";
    assert_eq!(judged(known), None);
    assert_eq!(
        judged("activity.reference == 'spring' && activity.attributes.size() == 1"),
        None
    );
    assert_eq!(
        judged("activity.attributes['rank'] == '1'"),
        Some(NotFired::ExpressionFailed)
    );
    let about_orders = asking("order.spend > 1").contradictions(&[&accrual()]);
    assert_eq!(about_orders[0].field, "condition.expression");
    let of_purchases = Campaign {
        trigger: Trigger::Purchase,
        ..asking("'score' in activity.attributes")
    };
    assert_eq!(
        of_purchases.contradictions(&[&accrual()])[0].field,
        "condition.expression"
    );
}

/// Returns at which character an expression is refused, and why.
fn refused(expression: &str) -> (usize, String) {
    let read = Expression::condition(expression);
    let fault = read.fault().unwrap_or_else(|| panic!("{expression} is not refused"));
    (fault.at, fault.sentence.clone())
}

#[test]
fn a_mistake_is_told_at_its_character() {
    for (expression, at, sentence) in [
        ("order.spend >", 14, "ends too early"),
        (
            "order.spend > 1.5",
            15,
            "must be a whole number: there are no others here",
        ),
        (
            "order.spend > 1e9",
            15,
            "must be a whole number: there are no others here",
        ),
        (
            "order.spend > NaN",
            15,
            "is no name that there is here: there are order, activity, member and time",
        ),
        (
            "order.spend > 99999999999999999999",
            15,
            "is a number too large to be held",
        ),
        (
            "order.spend > 9223372036854775808",
            15,
            "is a number too large to be held",
        ),
        ("order.weight > 1", 7, "is nothing that order has"),
        (
            "order > 1",
            1,
            "is nothing by itself: ask for a part of it, as in order.spend",
        ),
        (
            "order.lines.exists(l, l.colour == 'red')",
            25,
            "is nothing that a line has",
        ),
        ("order.spend && true", 7, "is a number and should be true or false"),
        ("order.spend", 7, "is a number and should be true or false"),
        ("'a' + 'b' == 'ab'", 1, "is a text and should be a number"),
        (
            "order.lines.map(l, l.price) == [1]",
            13,
            "is a list, which is not compared",
        ),
        ("order.spend.exists(x, true)", 7, "is a number and should be a list"),
        (
            "explode(1)",
            1,
            "is no function that there is here, or not with so many arguments",
        ),
        ("'a'.matches('(')", 13, "is no pattern, or one that is too large"),
        ("'a'.matches(activity.channel)", 22, "should be a pattern, in quotes"),
        (
            "member.level(activity.channel) == ''",
            23,
            "should be a ladder by its code, in quotes",
        ),
        ("true true", 6, "was not expected here"),
        ("'open", 1, "is a text that does not end"),
        (
            "b'bytes' == ''",
            1,
            "is no kind of text that there is here: write it plainly in quotes",
        ),
        ("true ; drop", 6, "is no sign that means anything here"),
        ("'\\x' == ''", 2, "is no escape: there are \\\\, \\', \\\", \\n and \\t"),
    ] {
        assert_eq!(refused(expression), (at, sentence.to_owned()), "{expression}");
    }
}

#[test]
fn what_is_made_to_hurt_is_refused_before_it_can() {
    let hostile = [
        "(".repeat(500) + "true" + &")".repeat(490),
        "!".repeat(900) + "true",
        "-".repeat(900) + "1 > 0",
        "[".repeat(400) + &"]".repeat(400) + ".size() > 0",
        "true ? ".repeat(120) + "true",
        "true || ".repeat(120) + "true",
        "x".repeat(1_001),
        "'a'.matches('(a{1000}){1000}')".to_owned(),
        format!("'a'.matches('{}a{}')", "(".repeat(200), ")".repeat(200)),
        "order.lines.all(a, order.lines.all(b, a.price == b.price))".to_owned(),
        "order.lines.all(l, order.spend > l.price)".to_owned(),
        "[1, 2, 3].all(a, [1, 2, 3].all(b, order.lines.all(c, order.payments.all(d, d.amount > a + b + c.price))))"
            .to_owned(),
        "order.lines.map(l, order.lines).size() > order.lines.map(l, order.lines.map(m, m.price)).size()".to_owned(),
        format!(
            "[[{}1]]{}.size() > 0",
            "1, ".repeat(29),
            ".map(a, a.map(b, a))".repeat(5)
        ),
        "[order.lines].exists(x, x.exists(a, x.exists(b, a.price == b.price)))".to_owned(),
        "order.lines.map(l, l.categories).size() > 0".to_owned(),
        "\u{0}\u{1}\u{202e}漢字".to_owned(),
        String::new(),
    ];
    for expression in &hostile {
        refused(expression);
    }
}

#[test]
fn the_dearest_expression_that_is_let_in_is_worked_out_for_the_largest_order() {
    let dearest = "order.lines.all(l, 'none' in l.categories || l.price >= 0 && l.sku.size() >= 0)";
    let lines = (0..Purchase::MAX_LINES).map(|at| PurchaseLine {
        categories: vec!["shoes".into(); 20],
        ..line(&at.to_string(), 1_00, 0, 0)
    });
    let order = order(
        purchase(lines.collect()),
        facts(Ratio::ONE),
        rules(vec![accrual()], vec![]),
    );
    assert_eq!(applies(&order, dearest), None);
}
