# What people look at: pages of tables and of figures, and the report, which has these and motions on one
# page, a folder that works from the disk.


include: "inputs/report.smk"


rule tables:
    input:
        unpack(figures_told),
        cells=cells_of_tables,
        detections=[paths.detection(name) for name in CELLS if detectors_of_table(name)],
        differences=[paths.differences(name) for name, cells in CELLS.items() if of_motions(cells)],
        layouts=LAYOUTS,
        sources=SOURCES_USED,
        audit=users(os.path.relpath(audit.PATH)),
    output:
        tables=report(
            directory(paths.tables()),
            caption="../report/tables.rst",
            patterns=["pages/{page}.html", "{page,audit}.html"],
            category="Tables",
            labels={"table": "{page}"},
        ),
    log:
        paths.log("tables", "all"),
    benchmark:
        paths.benchmark("tables", "all")
    localrule: True
    conda:
        ENVIRONMENT
    params:
        **job("tables", lambda w: {**TABLES_TOLD, **FIGURES_TOLD}),
    shell:
        STEP


rule report:
    input:
        unpack(figures_told),
        unpack(report_inputs),
        cells=cells_of_tables,
        differences=rules.tables.input.differences,
        detections=rules.tables.input.detections,
        layouts=LAYOUTS,
        sources=SOURCES_USED,
        audit=users(os.path.relpath(audit.PATH)),
    output:
        report=directory(paths.report()),
    log:
        paths.log("report", "all"),
    benchmark:
        paths.benchmark("report", "all")
    conda:
        ENVIRONMENT
    threads: config["threads"]
    resources:
        **needs(mem_mb=8_000, runtime=60),
    params:
        **job("report", report_settings, report_plugins),
    shell:
        STEP
