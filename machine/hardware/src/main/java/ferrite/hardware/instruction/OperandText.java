package ferrite.hardware.instruction;

import java.util.regex.Pattern;

/**
 * Expands a template such as {@code rd,immI(rs1)} to the operands of one instruction, {@code a0,-4(sp)}. Each word of
 * the template is the name of a field of {@link Encoding}. All other characters are copied.
 */
final class OperandText {

    private static final Pattern FIELD = Pattern.compile("\\w+");
    private static final long ADDRESS_MASK = 0xffff_ffffL;

    private OperandText() {
    }

    /** Joins a mnemonic and its operands, if it has any. */
    static String line(String mnemonic, String operands) {
        return operands.isEmpty() ? mnemonic : mnemonic + " " + operands;
    }

    static String fill(String template, int word, long pc) {
        return FIELD.matcher(template).replaceAll(name -> field(name.group(), word, pc));
    }

    private static String field(String name, int word, long pc) {
        return switch (name) {
            case "rd" -> Registers.name(Encoding.rd(word));
            case "rs1" -> Registers.name(Encoding.rs1(word));
            case "rs2" -> Registers.name(Encoding.rs2(word));
            case "immI" -> Integer.toString(Encoding.immI(word));
            case "immS" -> Integer.toString(Encoding.immS(word));
            case "immU" -> hex(Encoding.immU(word) >>> 12);
            case "targetB" -> hex(pc + Encoding.immB(word));
            case "targetJ" -> hex(pc + Encoding.immJ(word));
            case "shamt" -> hex(Encoding.shamt(word));
            case "zimm" -> Integer.toString(Encoding.zimm(word));
            case "csr" -> CsrNames.name(Encoding.csr(word));
            case "pred" -> accesses(Encoding.pred(word));
            case "succ" -> accesses(Encoding.succ(word));
            default -> throw new IllegalArgumentException("no operand field is called " + name);
        };
    }

    /** Formats the low 32 bits: addresses are taken modulo 2^32 (unprivileged specification, section 1.4). */
    private static String hex(long value) {
        return "0x" + Long.toHexString(value & ADDRESS_MASK);
    }

    /** Formats the set of a fence. objdump calls the empty set "unknown". */
    private static String accesses(int set) {
        if (set == 0) {
            return "unknown";
        }
        return ((set & 8) != 0 ? "i" : "")
                + ((set & 4) != 0 ? "o" : "")
                + ((set & 2) != 0 ? "r" : "")
                + ((set & 1) != 0 ? "w" : "");
    }
}
