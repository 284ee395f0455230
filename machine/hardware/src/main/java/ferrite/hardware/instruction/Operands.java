package ferrite.hardware.instruction;

/**
 * The shapes of operands: the fields, and their order and punctuation in assembly language. A shape is a template of
 * {@link OperandText}.
 */
public enum Operands {

    /** Two source registers and a destination. */
    R("rd,rs1,rs2"),
    /** A register, a 12-bit immediate and a destination. */
    I("rd,rs1,immI"),
    /** A register, a shift amount and a destination. */
    SHIFT("rd,rs1,shamt"),
    /** A destination, and the address to load from. */
    LOAD("rd,immI(rs1)"),
    /** The register to store, and the address to store to. */
    STORE("rs2,immS(rs1)"),
    /** Two registers to compare, and the branch target. */
    BRANCH("rs1,rs2,targetB"),
    /** A destination and the upper twenty bits of an immediate. */
    U("rd,immU"),
    /** The register that receives the return address, and the jump target. */
    JUMP("rd,targetJ"),
    /** The register that receives the return address, and the target as a register and an offset. */
    JUMP_REGISTER("rd,immI(rs1)"),
    /** A destination, a CSR and the source register. */
    CSR("rd,csr,rs1"),
    /** A destination, a CSR and a 5-bit immediate. */
    CSR_IMMEDIATE("rd,csr,zimm"),
    /** A destination, the operand for memory, and its address. */
    AMO("rd,rs2,(rs1)", true),
    /** A destination, and the address to reserve. */
    LOAD_RESERVED("rd,(rs1)", true),
    /** The accesses before the fence, and those after it. */
    FENCE("pred,succ"),
    /** The virtual address and the address space that limit the fence. */
    SFENCE("rs1,rs2"),
    /** No operands. */
    NONE("");

    private final String template;
    private final boolean ordered;

    Operands(String template) {
        this(template, false);
    }

    Operands(String template, boolean ordered) {
        this.template = template;
        this.ordered = ordered;
    }

    /**
     * Formats the operands of {@code word} as objdump does.
     *
     * @param pc the virtual address of the instruction, the base of branch and jump targets
     */
    public String text(int word, long pc) {
        return OperandText.fill(template, word, pc);
    }

    /**
     * Returns the suffix of the mnemonic for the ordering of an atomic instruction (section 8.1), or an empty string.
     */
    public String suffix(int word) {
        if (!ordered) {
            return "";
        }
        return switch (Encoding.aqrl(word)) {
            case 0 -> "";
            case 1 -> ".rl";
            case 2 -> ".aq";
            default -> ".aqrl";
        };
    }
}
