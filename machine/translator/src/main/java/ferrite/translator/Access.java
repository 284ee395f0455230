package ferrite.translator;

import static org.objectweb.asm.Opcodes.DUP2;
import static org.objectweb.asm.Opcodes.I2B;
import static org.objectweb.asm.Opcodes.I2C;
import static org.objectweb.asm.Opcodes.I2S;
import static org.objectweb.asm.Opcodes.IALOAD;
import static org.objectweb.asm.Opcodes.IAND;
import static org.objectweb.asm.Opcodes.ICONST_3;
import static org.objectweb.asm.Opcodes.ICONST_M1;
import static org.objectweb.asm.Opcodes.ILOAD;
import static org.objectweb.asm.Opcodes.IOR;
import static org.objectweb.asm.Opcodes.ISHL;
import static org.objectweb.asm.Opcodes.IUSHR;
import static org.objectweb.asm.Opcodes.IXOR;

import ferrite.hardware.instruction.Instruction;
import org.objectweb.asm.MethodVisitor;

/** The kinds of loads and stores. */
enum Access {

    LOAD_BYTE(1, true, "loadByte"),
    LOAD_HALF(2, true, "loadHalf"),
    LOAD_WORD(4, true, "loadWord"),
    LOAD_BYTE_UNSIGNED(1, false, "loadByteUnsigned"),
    LOAD_HALF_UNSIGNED(2, false, "loadHalfUnsigned"),
    STORE_BYTE(1, false, "storeByte"),
    STORE_HALF(2, false, "storeHalf"),
    STORE_WORD(4, false, "storeWord");

    private final int bytes;
    private final boolean signed;
    private final String slowPath;

    Access(int bytes, boolean signed, String slowPath) {
        this.bytes = bytes;
        this.signed = signed;
        this.slowPath = slowPath;
    }

    static Access of(Instruction row) {
        return switch (row) {
            case LB -> LOAD_BYTE;
            case LH -> LOAD_HALF;
            case LW -> LOAD_WORD;
            case LBU -> LOAD_BYTE_UNSIGNED;
            case LHU -> LOAD_HALF_UNSIGNED;
            case SB -> STORE_BYTE;
            case SH -> STORE_HALF;
            case SW -> STORE_WORD;
            default -> throw new IllegalArgumentException(row + " is no access");
        };
    }

    int bytes() {
        return bytes;
    }

    boolean isStore() {
        return compareTo(STORE_BYTE) >= 0;
    }

    /** Returns the name of the slow path's method. */
    String slowPath() {
        return slowPath;
    }

    /** Takes the loaded value out of the word on the stack. */
    void extract(MethodVisitor mv) {
        if (bytes == 4) {
            return;
        }
        shift(mv);
        mv.visitInsn(IUSHR);
        if (bytes == 2) {
            mv.visitInsn(signed ? I2S : I2C);
        } else if (signed) {
            mv.visitInsn(I2B);
        } else {
            CodeWriter.constant(mv, 0xff);
            mv.visitInsn(IAND);
        }
    }

    /** Pushes the word to store, with the value in its place. The word's array and index are on the stack. */
    void insert(MethodVisitor mv, Runnable value) {
        if (bytes == 4) {
            value.run();
            return;
        }
        int mask = bytes == 2 ? 0xffff : 0xff;
        mv.visitInsn(DUP2);
        mv.visitInsn(IALOAD);
        CodeWriter.constant(mv, mask);
        shift(mv);
        mv.visitInsn(ISHL);
        mv.visitInsn(ICONST_M1);
        mv.visitInsn(IXOR);
        mv.visitInsn(IAND);
        value.run();
        CodeWriter.constant(mv, mask);
        mv.visitInsn(IAND);
        shift(mv);
        mv.visitInsn(ISHL);
        mv.visitInsn(IOR);
    }

    /** Pushes the shift of the accessed bytes in their word. Java uses its low five bits. */
    private static void shift(MethodVisitor mv) {
        mv.visitVarInsn(ILOAD, RegionLocals.VA);
        mv.visitInsn(ICONST_3);
        mv.visitInsn(ISHL);
    }
}
