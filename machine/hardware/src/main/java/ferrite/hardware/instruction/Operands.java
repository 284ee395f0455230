package ferrite.hardware.instruction;

/**
 * The shapes that the operands of an instruction have: which fields they are, and the order and punctuation in which
 * assembly language writes them. A shape is spelled in the words of {@link OperandText}.
 */
public enum Operands {

    /** Two source registers and a destination. */
    R("rd,rs1,rs2"),
    /** A register, a 12-bit immediate and a destination. */
    I("rd,rs1,immI"),
    /** A register, a shift amount and a destination. */
    SHIFT("rd,rs1,shamt"),
    /** A destination, and the address that is read. */
    LOAD("rd,immI(rs1)"),
    /** The register that is written, and the address that it is written to. */
    STORE("rs2,immS(rs1)"),
    /** Two registers to compare, and where to go then. */
    BRANCH("rs1,rs2,targetB"),
    /** A destination and the upper twenty bits of an immediate. */
    U("rd,immU"),
    /** The register that receives the return address, and where to go. */
    JUMP("rd,targetJ"),
    /** The register that receives the return address, and the register and offset that say where to go. */
    JUMP_REGISTER("rd,immI(rs1)"),
    /** A destination, a CSR and the source register. */
    CSR("rd,csr,rs1"),
    /** A destination, a CSR and a 5-bit immediate. */
    CSR_IMMEDIATE("rd,csr,zimm"),
    /** A destination, the operand that goes to memory, and its address. */
    AMO("rd,rs2,(rs1)", true),
    /** A destination, and the address that is reserved. */
    LOAD_RESERVED("rd,(rs1)", true),
    /** The accesses that come before, and those that come after. */
    FENCE("pred,succ"),
    /** The virtual address and the address space to which the fence is limited. */
    SFENCE("rs1,rs2"),
    /** Nothing. */
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
     * The operands of {@code word}, spelled as objdump spells them.
     *
     * @param pc the virtual address of the instruction, from which branch and jump targets are counted
     */
    public String text(int word, long pc) {
        return OperandText.fill(template, word, pc);
    }

    /** What the mnemonic ends in besides: the ordering that an atomic instruction asks for (section 8.1). */
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
