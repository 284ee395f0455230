package ferrite.translator;

import static org.objectweb.asm.Opcodes.AALOAD;
import static org.objectweb.asm.Opcodes.ASTORE;
import static org.objectweb.asm.Opcodes.BIPUSH;
import static org.objectweb.asm.Opcodes.DUP;
import static org.objectweb.asm.Opcodes.F_SAME;
import static org.objectweb.asm.Opcodes.IADD;
import static org.objectweb.asm.Opcodes.IAND;
import static org.objectweb.asm.Opcodes.ICONST_0;
import static org.objectweb.asm.Opcodes.IFNE;
import static org.objectweb.asm.Opcodes.IFNULL;
import static org.objectweb.asm.Opcodes.ILOAD;
import static org.objectweb.asm.Opcodes.ISTORE;
import static org.objectweb.asm.Opcodes.IUSHR;
import static org.objectweb.asm.Opcodes.SIPUSH;

import ferrite.hardware.bus.Ram;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;

/** Writes the sequences of bytecode that several instructions share. */
final class CodeWriter {


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

    // ---- the fast path of loads and stores ----

    /** Finds the page of an access, and the offset in it, or goes to the slow path. */
    void find(Constants pages, int base, int immediate, int bytes, Label missed) {
        register(base);
        add(immediate);
        mv.visitVarInsn(ISTORE, RegionLocals.VA);
        pages.push(mv);
        mv.visitVarInsn(ILOAD, RegionLocals.VA);
        constant(Ram.PAGE_SHIFT);
        mv.visitInsn(IUSHR);
        mv.visitInsn(AALOAD);
        mv.visitInsn(DUP);
        mv.visitVarInsn(ASTORE, RegionLocals.PAGE);
        mv.visitJumpInsn(IFNULL, missed);
        if (bytes > 1) {
            mv.visitVarInsn(ILOAD, RegionLocals.VA);
            constant(bytes - 1);
            mv.visitInsn(IAND);
            mv.visitJumpInsn(IFNE, missed);
        }
    }

    /** Pushes the offset of the access in its page. */
    void offset() {
        mv.visitVarInsn(ILOAD, RegionLocals.VA);
        constant(Ram.PAGE_BYTES - 1);
        mv.visitInsn(IAND);
    }
}
