package ferrite.translator;

import static org.objectweb.asm.Opcodes.ALOAD;
import static org.objectweb.asm.Opcodes.DUP2;
import static org.objectweb.asm.Opcodes.I2B;
import static org.objectweb.asm.Opcodes.I2C;
import static org.objectweb.asm.Opcodes.I2S;
import static org.objectweb.asm.Opcodes.IALOAD;
import static org.objectweb.asm.Opcodes.IAND;
import static org.objectweb.asm.Opcodes.IASTORE;
import static org.objectweb.asm.Opcodes.ICONST_2;
import static org.objectweb.asm.Opcodes.ICONST_3;
import static org.objectweb.asm.Opcodes.ICONST_M1;
import static org.objectweb.asm.Opcodes.ILOAD;
import static org.objectweb.asm.Opcodes.IOR;
import static org.objectweb.asm.Opcodes.ISHL;
import static org.objectweb.asm.Opcodes.IUSHR;
import static org.objectweb.asm.Opcodes.IXOR;

import org.objectweb.asm.MethodVisitor;

/** Reaches a page as an array of words. A byte or a halfword is shifted out of its word, and into it. */
final class WordPages implements PageCode {

    private final CodeWriter out;
    private final MethodVisitor mv;

    WordPages(CodeWriter out) {
        this.out = out;
        this.mv = out.visitor();
    }

    @Override
    public void load(Access access) {
        word();
        mv.visitInsn(IALOAD);
        if (access.bytes() == 4) {
            return;
        }
        shift();
        mv.visitInsn(IUSHR);
        if (access.bytes() == 2) {
            mv.visitInsn(access.isSigned() ? I2S : I2C);
        } else if (access.isSigned()) {
            mv.visitInsn(I2B);
        } else {
            out.constant(0xff);
            mv.visitInsn(IAND);
        }
    }

    @Override
    public void store(Access access, int register) {
        word();
        if (access.bytes() == 4) {
            out.register(register);
        } else {
            insert(access.bytes() == 2 ? 0xffff : 0xff, register);
        }
        mv.visitInsn(IASTORE);
    }

    /** Pushes the array and the index of the word. */
    private void word() {
        mv.visitVarInsn(ALOAD, RegionLocals.PAGE);
        out.offset();
        mv.visitInsn(ICONST_2);
        mv.visitInsn(IUSHR);
    }

    /** Pushes the word to store, whose array and index are on the stack, with a register's bytes in their place. */
    private void insert(int mask, int register) {
        mv.visitInsn(DUP2);
        mv.visitInsn(IALOAD);
        out.constant(mask);
        shift();
        mv.visitInsn(ISHL);
        mv.visitInsn(ICONST_M1);
        mv.visitInsn(IXOR);
        mv.visitInsn(IAND);
        out.register(register);
        out.constant(mask);
        mv.visitInsn(IAND);
        shift();
        mv.visitInsn(ISHL);
        mv.visitInsn(IOR);
    }

    /** Pushes the shift of the accessed bytes in their word. Java uses its low five bits. */
    private void shift() {
        mv.visitVarInsn(ILOAD, RegionLocals.VA);
        mv.visitInsn(ICONST_3);
        mv.visitInsn(ISHL);
    }
}
