package ferrite.translator;

import static org.objectweb.asm.Opcodes.I2L;
import static org.objectweb.asm.Opcodes.IADD;
import static org.objectweb.asm.Opcodes.IAND;
import static org.objectweb.asm.Opcodes.IMUL;
import static org.objectweb.asm.Opcodes.INVOKESTATIC;
import static org.objectweb.asm.Opcodes.IOR;
import static org.objectweb.asm.Opcodes.ISHL;
import static org.objectweb.asm.Opcodes.ISHR;
import static org.objectweb.asm.Opcodes.ISUB;
import static org.objectweb.asm.Opcodes.IUSHR;
import static org.objectweb.asm.Opcodes.IXOR;
import static org.objectweb.asm.Opcodes.L2I;
import static org.objectweb.asm.Opcodes.LAND;
import static org.objectweb.asm.Opcodes.LSUB;
import static org.objectweb.asm.Opcodes.LUSHR;

import ferrite.hardware.instruction.Encoding;
import org.objectweb.asm.MethodVisitor;

/** Writes the instructions that compute a register's value. */
final class Arithmetic {

    private static final String MULTIPLICATION = "ferrite/hardware/hart/Multiplication";

    private final CodeWriter out;
    private final MethodVisitor mv;

    Arithmetic(CodeWriter out) {
        this.out = out;
        this.mv = out.visitor();
    }

    /** Pushes the result of an instruction. */
    void write(GuestCode code) {
        switch (code.row().operands()) {
            case U -> writeUpper(code);
            default -> {
                switch (code.row()) {
                    case SLT, SLTI -> writeLess(code, false);
                    case SLTU, SLTIU -> writeLess(code, true);
                    default -> {
                        out.register(code.rs1());
                        second(code);
                        apply(code);
                    }
                }
            }
        }
    }

    /** Pushes the second operand. */
    private void second(GuestCode code) {
        switch (code.row().operands()) {
            case R -> out.register(code.rs2());
            case I -> out.constant(Encoding.immI(code.word()));
            default -> out.constant(Encoding.shamt(code.word()));
        }
    }

    /** Pushes 1 if the first operand is less than the second, and 0 otherwise: the sign of their difference. */
    private void writeLess(GuestCode code, boolean unsigned) {
        out.register(code.rs1());
        widen(unsigned);
        second(code);
        widen(unsigned);
        mv.visitInsn(LSUB);
        out.constant(63);
        mv.visitInsn(LUSHR);
        mv.visitInsn(L2I);
    }

    private void widen(boolean unsigned) {
        mv.visitInsn(I2L);
        if (unsigned) {
            mv.visitLdcInsn(0xffff_ffffL);
            mv.visitInsn(LAND);
        }
    }

    private void writeUpper(GuestCode code) {
        int immediate = Encoding.immU(code.word());
        switch (code.row()) {
            case LUI -> out.constant(immediate);
            default -> out.pc(code.offset() + immediate);
        }
    }

    /** Replaces the two operands on the stack by the result. */
    private void apply(GuestCode code) {
        switch (code.row()) {
            case ADD, ADDI -> mv.visitInsn(IADD);
            case SUB -> mv.visitInsn(ISUB);
            case SLL, SLLI -> mv.visitInsn(ISHL);
            case SRL, SRLI -> mv.visitInsn(IUSHR);
            case SRA, SRAI -> mv.visitInsn(ISHR);
            case XOR, XORI -> mv.visitInsn(IXOR);
            case OR, ORI -> mv.visitInsn(IOR);
            case AND, ANDI -> mv.visitInsn(IAND);
            case MUL -> mv.visitInsn(IMUL);
            case MULH, MULHSU, MULHU, DIV, DIVU, REM, REMU -> mv.visitMethodInsn(INVOKESTATIC, MULTIPLICATION,
                    code.row().mnemonic(), "(II)I", false);
            default -> throw new IllegalArgumentException(code + " has no translation");
        }
    }
}
