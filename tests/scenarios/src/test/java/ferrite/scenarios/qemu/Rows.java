package ferrite.scenarios.qemu;

import ferrite.hardware.instruction.Encoding;
import ferrite.hardware.instruction.Instruction;
import ferrite.hardware.instruction.Operands;
import java.util.List;
import java.util.stream.Stream;

/**
 * The table of instructions, grouped by their demands on a program. A new row of a known shape is in its group at once.
 */
public final class Rows {

    /** Rows that compute a register from registers. */
    public static final List<Instruction> COMPUTING = withShape(Operands.R, Operands.I, Operands.SHIFT, Operands.U);
    public static final List<Instruction> LOADS = withShape(Operands.LOAD);
    public static final List<Instruction> STORES = withShape(Operands.STORE);
    public static final List<Instruction> BRANCHES = withShape(Operands.BRANCH);
    /** Rows that read, change and write memory at once, and SC, which writes after an LR. */
    public static final List<Instruction> AMOS = withShape(Operands.AMO);
    public static final List<Instruction> CSR = withShape(Operands.CSR, Operands.CSR_IMMEDIATE);

    private Rows() { }

    private static List<Instruction> withShape(Operands... shapes) {
        return Stream.of(Instruction.values())
                .filter(row -> Stream.of(shapes).anyMatch(shape -> shape == row.operands())).toList();
    }

    /** Encodes the row with random operands, but with an allowed destination. */
    public static int random(Instruction row, Choice choice) {
        int word = row.match() | choice.word() & ~row.mask();
        return word & ~Encoding.RD | choice.destination() << 7;
    }
}
