package ferrite.translator;

/** Estimates of the JVM code for an instruction, in bytes. */
final class Sizes {

    private static final int LOAD = 95;
    private static final int STORE = 115;
    private static final int JUMP = 60;
    private static final int OTHER = 14;

    private Sizes() { }

    static int of(GuestCode instruction) {
        return switch (instruction.row().operands()) {
            case LOAD -> LOAD;
            case STORE -> STORE;
            case BRANCH, JUMP, JUMP_REGISTER -> JUMP;
            default -> OTHER;
        };
    }
}
