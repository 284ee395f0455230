package ferrite.translator;

import static org.objectweb.asm.Opcodes.ALOAD;
import static org.objectweb.asm.Opcodes.I2B;
import static org.objectweb.asm.Opcodes.I2L;
import static org.objectweb.asm.Opcodes.I2S;
import static org.objectweb.asm.Opcodes.IAND;
import static org.objectweb.asm.Opcodes.INVOKEVIRTUAL;
import static org.objectweb.asm.Opcodes.LADD;

import ferrite.hardware.bus.Ram;
import java.nio.ByteOrder;
import org.objectweb.asm.MethodVisitor;

/**
 * Reaches the bytes of a page through the JDK's own {@code jdk.internal.misc.Unsafe}: a load or a store of any width is
 * one instruction of the host. The JVM does not check the place, so it must be right by construction: the fast path
 * leads only to pages of RAM, they all have {@link Ram#PAGE_BYTES}, and the offset is an address modulo that number,
 * aligned for its width.
 *
 * <p>A program may use that class only if its manifest or its command line exports the package. The class of {@code
 * sun.misc} is open to all, but prints a warning on JDK 24 and later.
 */
final class RawPages implements PageCode {

    private static final String PACKAGE = "jdk.internal.misc";
    private static final String OWNER = "jdk/internal/misc/Unsafe";

    /** The JDK's object, or null if this program may not use it, or its host has the other order of bytes. */
    static final Object UNSAFE = find();
    private static final long FIRST_BYTE = firstByte();

    private final CodeWriter out;
    private final MethodVisitor mv;

    RawPages(CodeWriter out) {
        this.out = out;
        this.mv = out.visitor();
    }

    @Override
    public void load(Access access) {
        place();
        switch (access) {
            case LOAD_BYTE -> call("getByte", "(Ljava/lang/Object;J)B");
            case LOAD_HALF -> call("getShort", "(Ljava/lang/Object;J)S");
            case LOAD_HALF_UNSIGNED -> call("getChar", "(Ljava/lang/Object;J)C");
            case LOAD_BYTE_UNSIGNED -> {
                call("getByte", "(Ljava/lang/Object;J)B");
                out.constant(0xff);
                mv.visitInsn(IAND);
            }
            default -> call("getInt", "(Ljava/lang/Object;J)I");
        }
    }

    @Override
    public void store(Access access, int register) {
        place();
        out.register(register);
        switch (access) {
            case STORE_BYTE -> {
                mv.visitInsn(I2B);
                call("putByte", "(Ljava/lang/Object;JB)V");
            }
            case STORE_HALF -> {
                mv.visitInsn(I2S);
                call("putShort", "(Ljava/lang/Object;JS)V");
            }
            default -> call("putInt", "(Ljava/lang/Object;JI)V");
        }
    }

    /** Pushes the JDK's object, the page and the offset in its array. */
    private void place() {
        Constants.UNSAFE.push(mv);
        mv.visitVarInsn(ALOAD, RegionLocals.PAGE);
        out.offset();
        mv.visitInsn(I2L);
        mv.visitLdcInsn(FIRST_BYTE);
        mv.visitInsn(LADD);
    }

    private void call(String method, String descriptor) {
        mv.visitMethodInsn(INVOKEVIRTUAL, OWNER, method, descriptor, false);
    }

    private static Object find() {
        boolean exported = Object.class.getModule().isExported(PACKAGE, RawPages.class.getModule());
        if (!exported || ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            return null;
        }
        try {
            return Class.forName(PACKAGE + ".Unsafe").getMethod("getUnsafe").invoke(null);
        } catch (ReflectiveOperationException unknown) {
            return null;
        }
    }

    private static long firstByte() {
        try {
            return UNSAFE == null ? 0 : ((Number) UNSAFE.getClass().getMethod("arrayBaseOffset", Class.class)
                    .invoke(UNSAFE, int[].class)).longValue();
        } catch (ReflectiveOperationException unknown) {
            throw new IllegalStateException("this JDK's Unsafe is not known", unknown);
        }
    }
}
