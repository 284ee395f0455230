package ferrite.scenarios.qemu;

import ferrite.hardware.instruction.Encoding;
import ferrite.hardware.instruction.Instruction;
import ferrite.hardware.instruction.Operands;
import java.util.List;
import java.util.stream.Stream;

/** The table of instructions, by what a program has to provide for. A new row of a known shape is in its list at once. */
public final class Rows {

    /** Rows that compute: registers in, a register out. */
    public static final List<Instruction> COMPUTING = withShape(Operands.R, Operands.I, Operands.SHIFT, Operands.U);
    public static final List<Instruction> LOADS = withShape(Operands.LOAD);
    public static final List<Instruction> STORES = withShape(Operands.STORE);
    public static final List<Instruction> BRANCHES = withShape(Operands.BRANCH);
    /** Those that read, change and write memory in one go, and SC, which does it if there was an LR before it. */
    public static final List<Instruction> AMOS = withShape(Operands.AMO);
    public static final List<Instruction> CSR = withShape(Operands.CSR, Operands.CSR_IMMEDIATE);

    private Rows() { }

    private static List<Instruction> withShape(Operands... shapes) {
        return Stream.of(Instruction.values()).filter(row -> Stream.of(shapes).anyMatch(shape -> shape == row.operands())).toList();
    }

    /** The row with everything that it leaves open chosen at random, but a destination that is allowed. */
    public static int random(Instruction row, Choice choice) {
        int word = row.match() | choice.word() & ~row.mask();
        return word & ~Encoding.RD | choice.destination() << 7;
    }
}
