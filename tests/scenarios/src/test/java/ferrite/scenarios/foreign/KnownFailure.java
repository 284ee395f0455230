package ferrite.scenarios.foreign;

/** Tests that fail because they expect another choice than Ferrite's, where the specification leaves one. */
enum KnownFailure {

    MISALIGNED("rv32i_m/privilege", "misalign-(lh|lhu|lw|sh|sw)-01",
            "expects misaligned loads and stores to trap; Ferrite executes them in RAM, as the hart of QEMU does");

    private final String group;
    private final String names;
    private final String reason;

    KnownFailure(String group, String names, String reason) {
        this.group = group;
        this.names = names;
        this.reason = reason;
    }

    /** Returns the reason for which a test is known to fail, or null. */
    static String of(ForeignTest test) {
        for (KnownFailure known : values()) {
            if (test.group().equals(known.group) && test.name().matches(known.names)) {
                return known.reason;
            }
        }
        return null;
    }
}
