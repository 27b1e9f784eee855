# What people look at first: tables, motions and pictures on one page, a folder that works from the disk.


include: "inputs/report.smk"


rule report:
    input:
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
