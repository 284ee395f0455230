package ferrite.translator;

import static org.objectweb.asm.Opcodes.ACONST_NULL;
import static org.objectweb.asm.Opcodes.ASTORE;
import static org.objectweb.asm.Opcodes.GETFIELD;
import static org.objectweb.asm.Opcodes.IALOAD;
import static org.objectweb.asm.Opcodes.IASTORE;
import static org.objectweb.asm.Opcodes.ICONST_0;
import static org.objectweb.asm.Opcodes.ILOAD;
import static org.objectweb.asm.Opcodes.INTEGER;
import static org.objectweb.asm.Opcodes.ISTORE;

import ferrite.hardware.instruction.Operands;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import org.objectweb.asm.MethodVisitor;

/**
 * The local variables of a region's method. Only registers that the region uses have one.
 *
 * <p>All variables are set at the beginning of the method, so they have the same types everywhere.
 */
final class RegionLocals {

    /** The name of each region's class, which is hidden. */
    static final String REGION = "ferrite/translator/Translated";

    static final int BASE = 1;
    /** The number of the entry, and later the pc at which the region ends. */
    static final int PC = 2;
    static final int BUDGET = 3;
    /** The page of an access, and its virtual address. */
    static final int PAGE = 4;
    static final int VA = 5;
    private static final int FIRST_REGISTER = 6;
    private static final int REGISTERS = 32;
    private static final String OWNER = "ferrite/hardware/hart/RegionRun";

    private final int[] numbers = new int[REGISTERS];
    private int count = FIRST_REGISTER;
    /** The registers that the region may change. */
    private final BitSet written = new BitSet();

    RegionLocals(Collection<GuestCode> code) {
        for (GuestCode instruction : code) {
            Operands operands = instruction.row().operands();
            switch (operands) {
                case R -> use(instruction.rs1(), instruction.rs2());
                case BRANCH, STORE -> use(instruction.rs1(), instruction.rs2());
                case I, SHIFT, LOAD, JUMP_REGISTER -> use(instruction.rs1());
                default -> { }
            }
            switch (operands) {
                case R, I, SHIFT, LOAD, JUMP_REGISTER, JUMP, U -> {
                    use(instruction.rd());
                    written.set(instruction.rd());
                }
                default -> { }
            }
        }
    }

    private void use(int... registers) {
        for (int register : registers) {
            if (register != 0 && numbers[register] == 0) {
                numbers[register] = count++;
            }
        }
    }

    /** Returns the registers that the region may change, in ascending order. */
    int[] written() {
        return written.stream().filter(register -> register != 0).toArray();
    }

    /** Returns the variable of a register. */
    int of(int register) {
        return numbers[register];
    }

    /** Returns the types of the variables, as a frame lists them. */
    Object[] types() {
        Object[] types = new Object[count];
        Arrays.fill(types, INTEGER);
        types[0] = REGION;
        types[PAGE] = "[I";
        return types;
    }

    /** Writes the beginning of the method, which sets all variables. */
    void load(MethodVisitor mv) {
        Constants.RUN.push(mv);
        mv.visitFieldInsn(GETFIELD, OWNER, "budget", "I");
        mv.visitVarInsn(ISTORE, BUDGET);
        mv.visitInsn(ACONST_NULL);
        mv.visitVarInsn(ASTORE, PAGE);
        mv.visitInsn(ICONST_0);
        mv.visitVarInsn(ISTORE, VA);
        for (int register = 1; register < REGISTERS; register++) {
            if (numbers[register] != 0) {
                Constants.X.push(mv);
                CodeWriter.constant(mv, register);
                mv.visitInsn(IALOAD);
                mv.visitVarInsn(ISTORE, numbers[register]);
            }
        }
    }

    /** Writes the return of a register's value to the hart. */
    void spill(MethodVisitor mv, int register) {
        Constants.X.push(mv);
        CodeWriter.constant(mv, register);
        mv.visitVarInsn(ILOAD, numbers[register]);
        mv.visitInsn(IASTORE);
    }
}
