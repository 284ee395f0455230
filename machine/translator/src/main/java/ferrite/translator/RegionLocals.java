package ferrite.translator;

import static org.objectweb.asm.Opcodes.ALOAD;
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
import java.util.Collection;
import org.objectweb.asm.MethodVisitor;

/**
 * The local variables of a region's method. Only registers that the region uses have one.
 *
 * <p>All variables are set at the beginning of the method, so they have the same types everywhere.
 */
final class RegionLocals {

    static final int RUN = 1;
    static final int BASE = 2;
    /** The number of the entry, and later the pc at which the region ends. */
    static final int PC = 3;
    static final int BUDGET = 4;
    static final int VA = 5;
    static final int LINE = 6;
    static final int LOAD_TAG = 7;
    static final int STORE_TAG = 8;
    static final int LOAD_PAGE = 9;
    static final int STORE_PAGE = 10;
    /** The value of an access on its slow path, the budget after it, and its number. */
    static final int VALUE = 11;
    static final int LEFT = 12;
    static final int SITE = 13;
    private static final int FIRST_REGISTER = 14;
    private static final int REGISTERS = 32;
    private static final String OWNER = "ferrite/hardware/hart/RegionRun";
    private static final String LONGS = "[J";
    private static final String PAGES = "[[I";

    private final int[] numbers = new int[REGISTERS];
    private final boolean[] written = new boolean[REGISTERS];
    private int count = FIRST_REGISTER;

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
                    written[instruction.rd()] = true;
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

    /** Returns the variable of a register. */
    int of(int register) {
        return numbers[register];
    }

    /** Returns the types of the variables, as a frame lists them. */
    Object[] types() {
        Object[] types = new Object[count];
        Arrays.fill(types, INTEGER);
        types[0] = "ferrite/translator/Translated";
        types[RUN] = OWNER;
        types[LOAD_TAG] = LONGS;
        types[STORE_TAG] = LONGS;
        types[LOAD_PAGE] = PAGES;
        types[STORE_PAGE] = PAGES;
        return types;
    }

    /** Writes the beginning of the method, which sets all variables. */
    void load(MethodVisitor mv) {
        field(mv, "budget", "I", ISTORE, BUDGET);
        field(mv, "loadTag", LONGS, ASTORE, LOAD_TAG);
        field(mv, "storeTag", LONGS, ASTORE, STORE_TAG);
        field(mv, "loadPage", PAGES, ASTORE, LOAD_PAGE);
        field(mv, "storePage", PAGES, ASTORE, STORE_PAGE);
        for (int variable : new int[] {VA, LINE, VALUE, LEFT, SITE}) {
            mv.visitInsn(ICONST_0);
            mv.visitVarInsn(ISTORE, variable);
        }
        for (int register = 1; register < REGISTERS; register++) {
            if (numbers[register] != 0) {
                registers(mv);
                CodeWriter.constant(mv, register);
                mv.visitInsn(IALOAD);
                mv.visitVarInsn(ISTORE, numbers[register]);
            }
        }
    }

    /** Writes the return of changed registers to the hart. */
    void spill(MethodVisitor mv) {
        for (int register = 1; register < REGISTERS; register++) {
            if (written[register]) {
                registers(mv);
                CodeWriter.constant(mv, register);
                mv.visitVarInsn(ILOAD, numbers[register]);
                mv.visitInsn(IASTORE);
            }
        }
    }

    private static void registers(MethodVisitor mv) {
        mv.visitVarInsn(ALOAD, RUN);
        mv.visitFieldInsn(GETFIELD, OWNER, "x", "[I");
    }

    private static void field(MethodVisitor mv, String name, String type, int store, int variable) {
        mv.visitVarInsn(ALOAD, RUN);
        mv.visitFieldInsn(GETFIELD, OWNER, name, type);
        mv.visitVarInsn(store, variable);
    }
}
