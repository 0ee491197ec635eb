"""Words of prose about technology that mean the same, in their plain forms; `words.stem` finds the inflected ones.

The lists are kept short on purpose: a wrong pair hides a mistake, a missing one costs a little coverage.
"""

from __future__ import annotations

# One line a meaning. A word belongs to the first line that names it.
SYNONYMS = """
    keep store persist retain hold save preserve storage
    big large huge sizeable massive
    small little tiny compact
    fast quick rapid swift speedy speed
    slow sluggish
    release ship publish launch unveil announce introduce debut
    build create make construct develop craft
    write author implement code
    need require demand want necessary requirement
    use utilise utilize employ leverage adopt apply adoption usage consume
    show demonstrate reveal display present illustrate
    begin start commence initiate
    end finish complete conclude
    stop halt cease prevent block quit
    remove delete discard eliminate strip erase purge destroy
    add append include contain comprise incorporate bring
    change modify alter adjust edit modification
    fix repair resolve correct patch solve remedy
    help assist aid support
    run execute operate execution
    get receive obtain acquire retrieve fetch
    send transmit emit deliver dispatch
    find discover detect identify locate spot
    choose select pick opt choice
    rise increase grow climb raise gain growth
    fall decrease decline reduce shrink cut lower reduction cutting trim
    improve enhance better improvement boost
    allow permit let enable
    forbid prohibit disallow ban deny refuse reject
    check verify validate inspect examine confirm
    test evaluate assess benchmark evaluation measure measurement trial
    compare versus contrast comparison
    fail failure crash break outage fault
    error bug mistake defect
    problem issue trouble difficulty challenge
    answer reply respond response
    ask query request question inquire
    result outcome finding
    cost price expense bill spend pay charge fee
    cheap inexpensive affordable
    expensive costly pricey
    free gratis
    licence license
    company vendor firm business enterprise
    developer engineer programmer
    user customer client
    machine host server box
    node instance
    job task workload
    part piece component portion section
    group cluster
    folder directory
    file document
    picture image photo
    method technique approach procedure
    tool utility
    library package module
    function routine
    team crew group
    page site website
    paper study
    author writer
    memory ram
    disk drive
    processor cpu core
    network internet
    latency delay lag
    throughput bandwidth
    accuracy precision precise accurate
    main primary chief principal key core major
    important crucial essential vital critical significant
    new novel fresh recent latest
    old legacy former previous prior earlier
    now currently today present
    easy simple straightforward simplify
    hard difficult tough
    whole entire complete full
    several multiple various
    quarter
    begin origin
    move migrate shift transfer migration relocate switch
    replace substitute supersede swap replacement
    convert transform translate turn
    connect link attach join connection
    separate split divide dedicated own
    share distribute
    copy duplicate replicate replica
    read load
    handle process manage cope treat deal serve sustain
    happen occur
    cause trigger provoke lead
    protect secure guard safe security
    log record trace
    explain describe discuss detail clarify
    say state claim tell mention report note argue
    think believe consider
    recommend advise suggest advice recommendation
    plan intend aim schedule
    expect anticipate foresee
    hope wish
    try attempt
    learn train
    model
    automatic automatically automate
    manual manually hand
    local locally
    quickly fast rapidly
    around about roughly approximately circa
    nearly almost
    enough sufficient adequate suffice
    lack miss absent missing absence
    available accessible
    exist
    install setup installation
    configure setting configuration
    deploy rollout deployment
    maintain upkeep maintenance
    rebuild reconstruct
    rebalance
    autumn fall
    idle inactive
    busy active
    version edition
    feature capability functionality
    option alternative
    data information
    table
    field column
    row
    word term
    sentence phrase
    passage snippet excerpt
    number figure count amount quantity
    average mean
    half halve
    double twice twofold
    triple threefold
    win beat outperform surpass outdo
    lose
    limit cap restrict bound constraint restriction limitation
    spread scatter
    wait pause
    skip omit bypass
    ignore disregard
    watch monitor observe
    warn alert notify
    repeat rerun
    return yield
    equal match same identical
    differ different
    depend hinge
    exporter export
    combine merge unite mix
    gather collect assemble collection
    order sort arrange
    reach achieve attain hit
    exceed surpass
    last endure
    live reside
    belong
    vm virtual
    kubernetes k8s
    postgres postgresql
    javascript js
    typescript ts
    python py
    repository repo
    database db
    environment env
    authentication auth login
    application app program
    documentation docs doc manual
    parameter param argument
    temporary temp
    maximum max most
    minimum min least
    second sec
    minute min
    hour hr
    mechanism way
    goal purpose objective
    benefit advantage
    drawback disadvantage downside weakness
    price
    consistent consistency
    scale scaling
    concurrent parallel simultaneous concurrency
    asynchronous async
    synchronous sync
    upgrade update
    ready prepared
    production prod
    open-source
    vector embedding
    hide conceal mask
    encrypt cipher encryption
    compress compression
    attack exploit
    vulnerability flaw weakness
    leak disclose
    real actual genuine true
    false wrong incorrect
    possible feasible
    rare seldom uncommon
    often frequently
    usual typical normal common
    always
    quit leave depart
    buy purchase
    sell
    human people person
    annotator labeller rater
    early
    late
    later
    annual yearly year
    daily day
    weekly week
    monthly month
    unchanged untouched unmodified
    sidecar
    outside beyond external
    inside internal within
    compatible compatibility
    point direct aim
    pair
    entirely completely fully wholly
    team-mate colleague coworker
    gpu accelerator
"""
