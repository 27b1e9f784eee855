"""Which rows of a table compete, and which are marked as best and second best."""

from dataclasses import replace

from support.made_tables import column, grouped, row, small


def test_the_best_is_by_the_arrow_and_among_the_methods() -> None:
    best, second = small().best()
    assert best == {("a", "forget-fid"), ("b", "retain-r@1"), ("c", "retain-r@1")}
    assert second == set()  # the first place is shared
    lower = small(columns=[column("forget-fid", "FID", "↓")])
    assert lower.best() == ({("b", "forget-fid")}, set())  # two compete


def test_the_second_best_is_of_three_or_more() -> None:
    values = {
        (name, "retain-r@1"): value for name, value in zip("abc", (0.3, 0.9, 0.5), strict=True)
    }
    columns = [column("retain-r@1", "R@1", "↑")]
    assert small(values, columns=columns).best() == (
        {("b", "retain-r@1")}, {("c", "retain-r@1")}
    )  # fmt: skip


def test_nothing_is_best_without_a_reference_or_a_rival() -> None:
    arrow = [column("forget-fid", "FID", "→")]
    assert small(columns=arrow, reference="gone").best() == (set(), set())
    rows = [row("real", "Real"), row("retrained", "Ref"), row("a")]
    assert small(rows=rows).best() == (set(), set())


def test_rows_compete_within_their_group_and_with_its_own_reference() -> None:
    best, _ = grouped().best()
    assert best == {("x-a", "forget-fid"), ("y-b", "forget-fid")}


def test_rows_that_measure_different_sets_do_not_compete() -> None:
    rows = [
        replace(line, address={**line.address, "concept": concept})
        for name, concept in (("a", "kick"), ("b", "beat"))
        for line in [row(name)]
    ]
    values = {("a", "retain-r@1"): 0.5, ("b", "retain-r@1"): 0.6}
    found = small(values, rows=rows, columns=[column("retain-r@1", "R@1", "↑")]).best()
    assert found == (set(), set())
