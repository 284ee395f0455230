package ferrite.translator;

import static org.objectweb.asm.Opcodes.AALOAD;
import static org.objectweb.asm.Opcodes.BIPUSH;
import static org.objectweb.asm.Opcodes.DUP;
import static org.objectweb.asm.Opcodes.F_SAME;
import static org.objectweb.asm.Opcodes.I2L;
import static org.objectweb.asm.Opcodes.IADD;
import static org.objectweb.asm.Opcodes.IAND;
import static org.objectweb.asm.Opcodes.ICONST_0;
import static org.objectweb.asm.Opcodes.ICONST_2;
import static org.objectweb.asm.Opcodes.IFNE;
import static org.objectweb.asm.Opcodes.ILOAD;
import static org.objectweb.asm.Opcodes.ISTORE;
import static org.objectweb.asm.Opcodes.IUSHR;
import static org.objectweb.asm.Opcodes.LALOAD;
import static org.objectweb.asm.Opcodes.LAND;
import static org.objectweb.asm.Opcodes.LCMP;
import static org.objectweb.asm.Opcodes.SIPUSH;

import ferrite.hardware.hart.FastPath;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;

/** Writes the sequences of bytecode that several instructions share. */
final class CodeWriter {

    private static final long PAGE_MASK = 0xffff_f000L;
    private static final int LAST_WORD = 1023;

    private final MethodVisitor mv;
    private final RegionLocals locals;

    CodeWriter(MethodVisitor mv, RegionLocals locals) {
        this.mv = mv;
        this.locals = locals;
    }

    MethodVisitor visitor() {
        return mv;
    }

    /** Binds a label that is jumped to, where the variables have their usual types. */
    void bind(Label label) {
        mv.visitLabel(label);
        mv.visitFrame(F_SAME, 0, null, 0, null);
    }

    static void constant(MethodVisitor mv, int value) {
        if (value >= -1 && value <= 5) {
            mv.visitInsn(ICONST_0 + value);
        } else if (value == (byte) value) {
            mv.visitIntInsn(BIPUSH, value);
        } else if (value == (short) value) {
            mv.visitIntInsn(SIPUSH, value);
        } else {
            mv.visitLdcInsn(value);
        }
    }

    void constant(int value) {
        constant(mv, value);
    }

    /** Pushes a register. */
    void register(int number) {
        if (number == 0) {
            mv.visitInsn(ICONST_0);
        } else {
            mv.visitVarInsn(ILOAD, locals.of(number));
        }
    }

    /** Adds a constant to the value on the stack. */
    void add(int value) {
        if (value != 0) {
            constant(value);
            mv.visitInsn(IADD);
        }
    }

    /** Pushes a virtual address of the region. */
    void pc(int offset) {
        mv.visitVarInsn(ILOAD, RegionLocals.BASE);
        add(offset);
    }

    // ---- the fast path of loads and stores, as in the interpreter ----

    /** Computes the address of an access. */
    void address(int register, int immediate) {
        register(register);
        add(immediate);
        mv.visitVarInsn(ISTORE, RegionLocals.VA);
    }

    /** Finds the line of the fast path, or goes to the slow path. */
    void find(Constants tags, int bytes, Label missed) {
        tags.push(mv);
        mv.visitVarInsn(ILOAD, RegionLocals.VA);
        constant(12);
        mv.visitInsn(IUSHR);
        constant(FastPath.SLOTS - 1);
        mv.visitInsn(IAND);
        mv.visitInsn(DUP);
        mv.visitVarInsn(ISTORE, RegionLocals.LINE);
        mv.visitInsn(LALOAD);
        mv.visitVarInsn(ILOAD, RegionLocals.VA);
        mv.visitInsn(I2L);
        mv.visitLdcInsn(PAGE_MASK | bytes - 1);
        mv.visitInsn(LAND);
        mv.visitInsn(LCMP);
        mv.visitJumpInsn(IFNE, missed);
    }

    /** Pushes the array and the index of the word that was found. */
    void word(Constants pages) {
        pages.push(mv);
        mv.visitVarInsn(ILOAD, RegionLocals.LINE);
        mv.visitInsn(AALOAD);
        mv.visitVarInsn(ILOAD, RegionLocals.VA);
        mv.visitInsn(ICONST_2);
        mv.visitInsn(IUSHR);
        constant(LAST_WORD);
        mv.visitInsn(IAND);
    }
}
