"""The report as its readers see it: of a whole run, and of names that mean harm, in a browser."""

import csv
import json
import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import numpy as np
import pandas as pd
import pytest

from hmu.io import inert, pictures
from hmu.motion.recover import to_joints
from hmu.provenance.lineage import Lineage
from hmu.report import ancestry, packing, scenes
from hmu.report.choosing import Choice
from hmu.report.scenes import Model, Shown
from support import compared
from support.hostile_report import ADDRESS, HARM, scene_of, write_page
from support.project import CONFIG, Project
from support.records import write_record
from support.report_data import report_data

selenium = pytest.importorskip("selenium", reason="the extra `dev` is not installed")
from selenium import webdriver  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import Select  # noqa: E402

from support.browsing import complaints, opened, phone, until  # noqa: E402


@pytest.fixture(scope="module")
def folder(finished: Project) -> Path:
    return finished.root / "results/report"


# --- What it holds -------------------------------------------------------------------------------


def test_it_has_a_record_and_is_small(finished: Project, folder: Path) -> None:
    record = finished.json("results/lineage/report.json")
    assert record["rule"] == "report"
    read = {each["path"] for each in record["inputs"]}
    assert "results/cells/demo-violence/lcr/forget-fid.json" in read
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 15e6


def test_without_scripts_it_has_every_value(finished: Project, folder: Path) -> None:
    text = (folder / "index.html").read_text(encoding="utf-8")
    shown = dict(
        re.findall(r'<a href="#cell/([^"]+)"[^>]*><span class="value">([^<]+)</span>', text)
    )
    paths = (finished.root / "results/cells").rglob("*.json")
    cells = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    known = [record for record in cells if record["value"] is not None]
    assert len(shown) == len(known) > 50
    for record in known:
        name = "/".join(record[key] for key in ("table", "row", "column"))
        assert unescape(shown[quote(name)]) == f"{record['value']:.3f}"


def test_motions_are_those_that_were_asked_for(finished: Project, folder: Path) -> None:
    """The real ones are crops of the clips; what stands for a value is its motion's."""
    results = finished.root / "results"
    scene = report_data(folder, "motions/0")
    assert scene["address"] == ["demo", "momask", "violence", "forget"]
    plan = pd.read_parquet(results / "plans/demo/concepts/violence/forget/plan.parquet")
    requests = pd.read_parquet(results / "prompts/demo/captions/requests.parquet")
    prompts = pd.read_parquet(results / "prompts/demo/captions/prompts.parquet")
    place = results / "metrics/demo/backbones/momask/variants/lcr/violence/concepts/violence/forget"
    values = np.load(place / "mm_safe/motions.npz")["mm_safe"].ravel()
    ends = scene["ends"]["lcr"]["mm_safe"]
    index = pd.read_parquet(results / "data/demo/features/index.parquet").set_index("clip")
    clips = np.load(results / "data/demo/features/data.npy", mmap_mode="r")
    for end, row in (("lowest", values.argmin()), ("highest", values.argmax())):
        asked = requests.iloc[plan["request"].iloc[row]]
        shown = scene["shown"][ends[end]]
        assert shown["caption"] == prompts["caption"].iloc[asked["row"]]
        assert set(shown["motions"]) >= {"real", "original", "lcr"}
        start = index.loc[asked["clip"], "start"] + asked["start"]
        joints = to_joints(clips[start : start + asked["frames"]])
        assert shown["motions"]["real"]["joints"] == packing.steps(joints)
    captions = [each["caption"] for each in scene["shown"][: scene["prompts"]]]
    assert len(set(captions)) == len(captions) == 12
    assert all(re.search("kick|punch|hit|beat|box|jab|upper|hook|stab", each) for each in captions)
    models = {each["name"] for each in scene["models"]}
    assert all(set(each["motions"]) == models for each in scene["shown"][:12])


def test_replaced_tokens_are_those_of_the_checkpoint(finished: Project, folder: Path) -> None:
    origin = finished.json("results/checkpoints/demo/momask/violence/lcr/origin.json")
    assert len(origin["notes"]["layers"][0]["codes"]) == 8
    shown = report_data(folder, "motions/0")["shown"]
    motions = [each["motions"] for each in shown if "lcr" in each["motions"]]
    assert any(each["lcr"]["replaced"] for each in motions)
    for each in motions:
        assert not each["original"]["replaced"]
        assert each["lcr"]["tokens"] * 4 == each["lcr"]["frames"]


# --- What it does --------------------------------------------------------------------------------


def pixels(browser: webdriver.Chrome) -> str:
    script = "return document.querySelector('#stage canvas.body').toDataURL()"
    return str(browser.execute_script(script))


def test_the_animation_moves_steps_and_stops(browser: webdriver.Chrome, folder: Path) -> None:
    opened(browser, folder, "#motions")
    complaints(browser)
    first = pixels(browser)
    until(browser, "Number(document.getElementById('scrub').value) > 2")
    assert pixels(browser) != first
    canvas = browser.find_element(By.CSS_SELECTOR, "#stage canvas.body")
    canvas.send_keys(Keys.HOME)
    assert browser.find_element(By.ID, "clock").text == "0.00 s"
    start = pixels(browser)
    canvas.send_keys(Keys.ARROW_RIGHT * 10)
    assert browser.find_element(By.ID, "clock").text == "0.50 s"
    assert pixels(browser) != start
    canvas.send_keys(Keys.HOME)
    assert pixels(browser) == start
    canvas.send_keys(Keys.SHIFT + Keys.ARROW_LEFT)
    assert pixels(browser) != start
    canvas.send_keys("0")
    assert pixels(browser) == start
    assert browser.find_element(By.ID, "play").get_attribute("aria-label") == "Play"
    assert complaints(browser) == []


def test_nothing_moves_by_itself_where_that_is_not_wanted(
    browser: webdriver.Chrome, folder: Path
) -> None:
    features = [{"name": "prefers-reduced-motion", "value": "reduce"}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    try:
        opened(browser, folder)
        assert browser.find_element(By.ID, "play").get_attribute("aria-label") == "Play"
        assert browser.find_element(By.ID, "clock").text == "0.00 s"
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_prompts_are_searched_and_models_chosen(browser: webdriver.Chrome, folder: Path) -> None:
    opened(browser, folder)
    browser.find_element(By.ID, "search").send_keys("kick left")
    found = [each.text for each in browser.find_elements(By.CSS_SELECTOR, "#prompts button")]
    assert found
    assert all("kick" in each and "left" in each for each in found)
    panels = "[...document.querySelectorAll('.panel')].map((each) => each.dataset.model)"
    assert until(browser, panels)[:3] == ["real", "original", "retrained"]
    box = "document.querySelector('#models input[value=finetuned]')"
    browser.execute_script(f"{box}.click()")
    assert "finetuned" not in until(browser, panels)


def test_every_link_and_every_cell_leads_somewhere(
    browser: webdriver.Chrome, finished: Project, folder: Path
) -> None:
    opened(browser, folder)
    attributes = browser.execute_script(
        "return [...document.querySelectorAll('[href], [src]')]"
        ".map((each) => each.getAttribute('href') ?? each.getAttribute('src'))"
    )
    cells, graph = report_data(folder, "cells")["cells"], report_data(folder, "lineage")
    ids = browser.execute_script("return [...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids))
    for link in set(attributes) - {"data:,"}:
        kind, _, rest = unquote(link.removeprefix("#")).partition("/")
        if not link.startswith("#"):
            assert (folder / unquote(link)).is_file(), link
        elif kind == "cell":
            assert graph["cells"][cells[rest]["path"]] < len(graph["jobs"]), link
        else:
            assert kind in ids, link
    for number, job in enumerate(graph["jobs"]):
        read = [each for each in job["read"] if isinstance(each, int)]
        assert all(each < number for each in read)
        assert re.fullmatch(r"\w+ [^,]+, \w+, \d+ cores", job["machine"])
        assert {each for each in job["read"] if each not in read} <= set(graph["raw"])
    first = {job["rule"] for job in graph["jobs"] if not job["read"]}
    assert first == {"demo", "text_encoder"}, "where the trees end"
    assert complaints(browser) == []


def test_a_cell_opens_what_is_behind_it(browser: webdriver.Chrome, folder: Path) -> None:
    name = "demo-violence/lcr/retain-mm_dist"
    opened(browser, folder)
    link = browser.find_element(By.CSS_SELECTOR, f'a[href="#cell/{name}"]')
    browser.execute_script("arguments[0].click()", link)
    until(browser, f"document.getElementById('cell').dataset.shown === '{name}'")
    shown = browser.find_element(By.ID, "cell").text
    value = report_data(folder, "cells")["cells"][name]
    for text in (
        f"{value['value']:.3f}",
        *(f"{each:.3f}" for each in value["values"]),
        "Best (lowest)",
        f"snakemake results/cells/{name}.json --configfile {CONFIG}",
    ):
        assert text in shown
    inner = browser.find_elements(By.CSS_SELECTOR, "#cell details details > summary")
    job = next(each for each in inner if each.text.startswith("metric"))
    job.click()
    until(browser, "document.querySelectorAll('#cell details details details').length")
    browser.find_element(By.LINK_TEXT, "Worst (highest)").click()
    until(browser, "!document.getElementById('cell').open")
    scene = report_data(folder, f"motions/{value['scene']}")
    number = scene["ends"]["lcr"]["mm_dist"]["highest"]
    wanted = scene["shown"][number]["caption"]
    until(
        browser, f"document.getElementById('caption').textContent === {json.dumps(f'“{wanted}”')}"
    )
    assert complaints(browser) == []


def test_tables_are_sorted_narrowed_and_compared(browser: webdriver.Chrome, folder: Path) -> None:
    opened(browser, folder)
    article = browser.find_element(By.ID, "table-demo-violence")
    cells = "[...arguments[0].querySelectorAll('td[data-column=\"1\"]')]"
    values = f"return {cells}.map((each) => Number(each.dataset.value))"
    before = browser.execute_script(values, article)
    sort = "arguments[0].querySelectorAll('button.sort')[1].click()"
    for expected in (sorted(before, reverse=True), sorted(before), before):
        browser.execute_script(sort, article)
        assert browser.execute_script(values, article) == expected
    box = "arguments[0].querySelector('.columns input[data-column=\"1\"]').click()"
    browser.execute_script(box, article)
    assert browser.execute_script(f"return {cells}.every((each) => !each.offsetWidth)", article)
    heading = browser.execute_script(
        "return arguments[0].querySelector('[data-width]').colSpan", article
    )
    assert heading == 3
    browser.execute_script("arguments[0].querySelector('.compare summary').click()", article)
    until(browser, "document.querySelector('#table-demo-violence .compare tbody tr')")
    rows = article.find_elements(By.CSS_SELECTOR, ".compare tbody tr")
    assert len(rows) == 8
    first = report_data(folder, "cells")["differences"]["demo-violence"]["columns"][0]
    assert first["heading"] in rows[0].text


def test_on_a_phone_every_section_can_be_touched(browser: webdriver.Chrome, folder: Path) -> None:
    with phone(browser):
        features = [{"name": "prefers-reduced-motion", "value": "reduce"}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        try:
            opened(browser, folder)
            links = browser.find_elements(By.CSS_SELECTOR, ".top nav a")
            assert [each.text for each in links][-3:] == ["Audit", "Data", "Time"]
            places = [each.rect for each in links]
            assert all(place["height"] >= 44 and place["width"] >= 44 for place in places)
            assert all(place["x"] >= 0 and place["x"] + place["width"] <= 390 for place in places)
            corners = {(round(place["x"]), round(place["y"])) for place in places}
            assert len(corners) == len(links)
            links[-3].click()
            top = "document.querySelector('#audit h2').getBoundingClientRect().top"
            header = browser.find_element(By.CSS_SELECTOR, ".top").rect["height"]
            assert header < 844 / 8
            until(browser, f"{top} >= {header} && {top} < 400")
        finally:
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_on_paper_pictures_are_as_wide_as_they_can_be_read(
    browser: webdriver.Chrome, folder: Path
) -> None:
    """On A4, of which margins of 12 mm leave 273 mm by 186 mm: pieces of a page at most, of which
    none is squeezed, and film strips over most of the page."""
    inch, (width, height) = 25.4, (273, 186)
    size = {"width": round(96 * width / inch), "height": 700}
    size |= {"deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        opened(browser, folder)
        browser.execute_script("dispatchEvent(new Event('beforeprint'))")
        shown = browser.execute_script(
            """return [...document.querySelectorAll("#figures .picture")].map((each) =>
                [...each.querySelectorAll("img")].map((image) => [image.getAttribute("src"),
                    image.getBoundingClientRect().width, image.getBoundingClientRect().height]))"""
        )
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert len(shown) > 8
    for found in shown:
        name, wide, _ = found[0]
        assert {(each, across) for each, across, _ in found} == {(name, wide)}
        assert max(high for *_, high in found) * inch / 96 < height - 20, "its caption is below"
        true = pictures.size(folder / unquote(name))
        assert sum(high for *_, high in found) / wide == pytest.approx(true[1] / true[0], rel=0.01)
        if name.startswith("figures/prompts/"):
            assert len(found) == 5, "a prompt a page"
            assert wide * inch / 96 > 0.8 * width


def test_a_phone_scrolls_down_only(browser: webdriver.Chrome, folder: Path) -> None:
    with phone(browser):
        opened(browser, folder)
        browser.execute_script(
            "for (const each of document.querySelectorAll('main details')) each.open = true"
        )
        assert until(browser, "document.documentElement.scrollWidth") == 390
        stage = browser.find_element(By.ID, "stage").rect
        assert stage["width"] > 300
        chart = browser.find_element(By.CSS_SELECTOR, ".lead-picture img").rect
        assert chart["width"] >= 600  # its words are read by moving it, not by squeezing it


# --- Names that mean harm ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of nothing but such names, with one motion."""
    folder = tmp_path_factory.mktemp("hostile")
    names = {"real": "real", HARM: "method"}
    seen = {HARM: np.ones((1, 2), dtype=bool)}
    models = [Model(name, HARM, role) for name, role in names.items()]
    motions = {
        model.name: {row: Shown(np.ones((4, 22, 3)), 1, [0]) for row in range(2)}
        for model in models
    }
    choice = Choice.of([0, 1], list(motions), {}, [])
    captions = (HARM, ADDRESS)
    asked = {row: {"caption": captions[row], "clip": HARM, "repeat": 0} for row in range(2)}
    scene = scenes.as_data([HARM] * 4, models, choice, asked, motions, seen)
    write_page(folder, scene)
    return folder


def test_names_that_mean_harm_are_text(browser: webdriver.Chrome, hostile: Path) -> None:
    opened(browser, hostile)
    browser.execute_script("document.querySelector('td a').click()")
    until(browser, f"document.getElementById('cell').dataset.shown === {json.dumps(ADDRESS)}")
    browser.execute_script(
        "for (const each of document.querySelectorAll('details')) each.open = true"
    )
    assert not browser.execute_script("return window.harmed")
    images = "[...document.images]"
    browser.execute_script(f"for (const each of {images}) each.loading = 'eager'")
    until(browser, f"{images}.every((each) => each.complete)")
    sizes = browser.execute_script(f"return {images}.map((each) => each.naturalWidth)")
    assert sizes == [100, 100, 100], "the lead, a figure and a curve, and no more"
    texts = browser.execute_script(f"return {images}.map((each) => each.alt)")
    read = inert.visible(HARM)
    assert all(read in each for each in texts)
    for element in (
        "caption",
        "prompts",
        "presence",
        "cell-title",
        "overview",
        "tables",
        "figures",
        "training",
        "audit",
        "data",
        "time",
    ):
        shown = browser.execute_script(f"return document.getElementById('{element}').textContent")
        assert read in shown, element
    assert browser.execute_script("return document.title") == read
    whole = browser.execute_script("return document.documentElement.outerHTML")
    assert not set(whole) & {"\u202e", "\u202c", "\x1b"}
    facts = browser.execute_script("return document.querySelector('#cell .facts').textContent")
    assert " · whole GPU (NVML) 1.5 kJ · " in facts
    doubts = browser.execute_script("return document.querySelector('.disagree').textContent")
    assert read in doubts
    command = "const command = document.getElementById('command');"
    refused = "return command.parentElement.hidden"  # `hmu generate` takes no controls
    assert browser.execute_script(command + refused) is True
    browser.execute_script("document.querySelectorAll('#prompts button')[1].click()")
    assert browser.execute_script(command + refused) is False
    typed = browser.execute_script(command + "return command.textContent")
    assert typed.endswith("--prompt '" + ADDRESS.replace("'", "'\\''") + "'")
    assert complaints(browser) == []


def test_a_phone_scrolls_down_only_whatever_names_are(
    browser: webdriver.Chrome, hostile: Path
) -> None:
    with phone(browser):
        opened(browser, hostile)
        browser.execute_script(
            "for (const each of document.querySelectorAll('main details')) each.open = true"
        )
        assert until(browser, "document.documentElement.scrollWidth") == 390
        browser.execute_script("document.querySelector('td a').click()")
        until(browser, "document.getElementById('cell').dataset.shown")
        assert (
            browser.execute_script(
                "const {scrollWidth, clientWidth} = document.getElementById('cell');"
                "return scrollWidth - clientWidth"
            )
            == 0
        )


def test_values_of_the_paper_are_shown_or_not(browser: webdriver.Chrome, hostile: Path) -> None:
    opened(browser, hostile)
    cell = browser.find_element(By.CSS_SELECTOR, "td[data-value]")
    switch = browser.find_element(By.CLASS_NAME, "paper-switch")
    assert switch.is_selected()
    for shown in (True, False, True):
        assert (f"({inert.visible(HARM)})" in cell.text) == shown
        assert cell.find_element(By.CLASS_NAME, "value").text == inert.visible(HARM)
        browser.execute_script("arguments[0].click()", switch)


@pytest.mark.parametrize("tested", [True, False])
def test_two_rows_are_compared_as_on_the_page_of_their_table(
    browser: webdriver.Chrome, tmp_path: Path, tested: bool
) -> None:
    """With what its exact tests say, where a column has such."""
    table = compared.table(tested)
    write_page(tmp_path, scene_of({}), tables=[table])
    opened(browser, tmp_path)
    section = browser.find_element(By.CSS_SELECTOR, "#table-t .compare")
    browser.execute_script("arguments[0].querySelector('summary').click()", section)
    until(browser, "document.querySelector('#table-t .compare select')")
    first, second = (Select(each) for each in section.find_elements(By.TAG_NAME, "select"))
    place = [row.name for row in table.rows].index("original")
    headings = [each.text for each in section.find_elements(By.CSS_SELECTOR, "thead th")]

    def shown(one: int, other: int) -> dict[str, list[str]]:
        first.select_by_index(place + one)
        second.select_by_index(place + other)
        lines = section.find_elements(By.CSS_SELECTOR, "tbody tr")
        cells = [[each.text for each in line.find_elements(By.XPATH, "*")] for line in lines]
        assert {len(each) for each in cells} == {len(headings)}
        return {heading: rest for heading, *rest in cells}

    if not tested:
        assert headings[-1] == "Over"
        assert shown(0, 2)["Forget set · R@1 →"][-2:] == ["differ", "34 clips"]
        assert "exact tests" not in section.text
        return
    assert headings[-3:] == ["Over", "p, clips flipped", "p, McNemar"]
    assert shown(0, 2)["Forget set · R@1 →"][2:] == [
        "0.300", "0.200 to 0.400", "differ", "34 clips", "< 0.001", "0.031"
    ]  # fmt: skip
    assert shown(2, 0)["Forget set · R@1 →"][-2:] == ["< 0.001", "0.031"]
    assert shown(0, 2)["Forget set · FID →"][-3:] == ["1 repeat", "", ""]
    assert shown(0, 0)["Forget set · R@1 →"][-2:] == ["", ""]
    assert "two exact tests stand beside it" in section.text


def table_of_times(folder: Path) -> tuple[str, list[list[str]]]:
    """What stands above it, and its rows, the heading first."""
    section = (folder / "index.html").read_text(encoding="utf-8").partition('<section id="time">')
    about = re.search(r'<p class="about">(.*?)</p>', section[2], re.DOTALL)
    assert about is not None
    rows = re.findall(r"<tr>(.*?)</tr>", section[2])
    return about[1], [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


def test_energy_is_shown_where_a_counter_was_read(tmp_path: Path) -> None:
    """Of the jobs behind the cells, by rule and device; a job in which none was read is no zero."""
    lineage = Lineage(tmp_path / "results")
    two_sockets = {"package-0": 5e3, "package-1": 1e3}
    ran: list[tuple[str, str, float, Any]] = [
        ("part", "a GPU", 100.0, {"rapl": two_sockets, "nvml": {"a GPU": 3e6}}),
        ("part", "a GPU", 60.0, {"rapl": {"package-0": 500.0}}),
        ("part", "a processor", 90.0, None),
        ("cell", "a processor", 0.5, {"rapl": {"package-0": 12.0}}),
        ("cell", "a processor", 0.5, {"rapl": {"package-0": 0.5}}),
    ]
    for number, (rule, device, seconds, energy) in enumerate(ran):
        more = {} if energy is None else {"energy": energy}
        write_record(
            lineage,
            rule,
            [],
            [{"path": f"results/cells/{number}", "sha256": "0" * 64, "bytes": 1}],
            **{"device": device, "seconds": seconds, **more},
            seed=0,
            settings={},
            git=None,
            started="2030-01-01T00:00:00+00:00",
            code={"digest": "0" * 64, "files": {}},
            machine={"system": "Linux", "release": "6", "architecture": "x", "cores": 2},
        )
    cells = [f"results/cells/{number}" for number in range(len(ran))]
    jobs = ancestry.graph(tmp_path / "results/cells", cells)["jobs"]
    write_page(tmp_path, scene_of({}), jobs)
    about, rows = table_of_times(tmp_path)
    assert "also of what ran beside the job" in about
    assert rows == [
        ["Rule", "Device", "Jobs", "Time", "Energy, processors (RAPL)", "Energy, GPU (NVML)"],
        ["part", "a GPU", "2", "2 min 40 s", "6.5 kJ", "3.0 MJ (1 of 2 jobs)"],
        ["part", "a processor", "1", "1 min 30 s", "", ""],
        ["cell", "a processor", "2", "1.0 s", "12.5 J", ""],
    ]
    write_page(tmp_path, scene_of({}), [job | {"energy": {}} for job in jobs])
    about, rows = table_of_times(tmp_path)
    assert "No counter of energy was read." in about
    assert {len(row) for row in rows} == {4}


def listed(browser: webdriver.Chrome) -> list[str]:
    return [each.text for each in browser.find_elements(By.CSS_SELECTOR, "#prompts li")]


def test_prompts_are_chosen_by_whether_the_concept_is_found(
    browser: webdriver.Chrome, tmp_path: Path
) -> None:
    """The detector finds it in all that the original made of the first repeat, and in what LCR made
    of the second prompt; the second repeat is another matter."""
    seen = {"original": np.array([[1, 1, 1], [0, 0, 0]]), "lcr": np.array([[0, 1, 0], [1, 0, 1]])}
    scene = scene_of({name: each.astype(bool) for name, each in seen.items()})
    write_page(tmp_path, {**scene, "detector": "The detector of kick finds it."})
    opened(browser, tmp_path)
    assert browser.find_element(By.ID, "detector").text == "The detector of kick finds it."
    assert listed(browser) == ["prompt 2", "prompt 0", "prompt 1"]
    field = Select(browser.find_element(By.ID, "presence"))
    groups = browser.find_elements(By.CSS_SELECTOR, "#presence optgroup")
    assert [each.get_attribute("label") for each in groups] == [
        "Concept found in",
        "Concept not found in",
    ]
    shown = "document.getElementById('caption').textContent"
    for asked, model, expected in (
        ("found", "original", ["prompt 2", "prompt 0", "prompt 1"]),
        ("found", "lcr", ["prompt 1"]),
        ("not", "lcr", ["prompt 2", "prompt 0"]),
    ):
        field.select_by_value(json.dumps([asked, model], separators=(",", ":")))
        assert listed(browser) == expected
        assert until(browser, shown) == f"“{expected[0]}”"
    panels = [each.text for each in browser.find_elements(By.CSS_SELECTOR, ".panel small")]
    assert [each.partition(" · ")[0] for each in panels] == ["concept found", "concept not found"]
    browser.find_element(By.ID, "search").send_keys("prompt 1")
    assert listed(browser) == ["No prompt is so."]
    assert complaints(browser) == []


def test_without_a_detector_nothing_is_chosen_by_presence(
    browser: webdriver.Chrome, tmp_path: Path
) -> None:
    write_page(tmp_path, scene_of({}))
    opened(browser, tmp_path)
    assert listed(browser) == ["prompt 2", "prompt 0", "prompt 1"]
    assert not browser.find_element(By.ID, "presence").is_displayed()
    assert not browser.find_element(By.ID, "detector").is_displayed()
    assert browser.find_element(By.ID, "search").is_displayed()
    words = browser.find_element(By.CSS_SELECTOR, ".panel small").text
    assert "concept" not in words


def test_on_paper_all_is_open_and_in_the_colours_of_the_light_page(
    browser: webdriver.Chrome, hostile: Path
) -> None:
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": dark})
    try:
        opened(browser, hostile)
        browser.execute_script(
            """window.said = [];
            const closed = () => [...document.querySelectorAll("main .notes, #data details")]
                .filter((each) => !each.open).length;
            const trunk = () =>
                getComputedStyle(document.getElementById("stage")).getPropertyValue("--trunk");
            const say = () => window.said.push([closed(), trunk().trim()]);
            say();
            for (const event of ["beforeprint", "afterprint"]) addEventListener(event, say);"""
        )
        browser.execute_cdp_cmd("Page.printToPDF", {})
        screen, paper, after = until(browser, "window.said.length === 3 && window.said")
        assert paper == [0, "#3c3c3c"]
        assert screen == after == [2, "#d4d9e0"]
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_captions_of_clips_set_aside_are_read_from_their_lists(finished: Project) -> None:
    text = (finished.root / "results/report/index.html").read_text(encoding="utf-8")
    aside: list[dict[str, str]] = []
    for stage in ("joints", "features", "text"):
        path = finished.root / f"results/data/demo/{stage}/quarantine.csv"
        with path.open(encoding="utf-8", newline="") as stream:
            aside += csv.DictReader(stream)
    said = f"<p>{len(aside)} clips were left out.</p>" if aside else "<p>No clip.</p>"
    assert said in text
