package ferrite.translator;

import static org.objectweb.asm.Opcodes.GETFIELD;
import static org.objectweb.asm.Opcodes.H_INVOKESTATIC;
import static org.objectweb.asm.Opcodes.POP;

import ferrite.hardware.hart.RegionRun;
import java.util.Arrays;
import java.util.List;
import org.objectweb.asm.ConstantDynamic;
import org.objectweb.asm.Handle;
import org.objectweb.asm.MethodVisitor;

/**
 * Objects that are constants in a region's code. The JVM's compiler knows their addresses and the lengths of arrays, so
 * it leaves out most checks of indices.
 */
enum Constants {

    RUN("Lferrite/hardware/hart/RegionRun;"),
    X("[I"),
    LOADS("[[I"),
    STORES("[[I"),
    /** Only there for {@link RawPages}. */
    UNSAFE("Ljdk/internal/misc/Unsafe;");

    private static final Handle BOOTSTRAP = new Handle(H_INVOKESTATIC, "java/lang/invoke/MethodHandles", "classDataAt",
            "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;Ljava/lang/Class;I)Ljava/lang/Object;", false);

    private final String type;

    Constants(String type) {
        this.type = type;
    }

    /** Returns the values for the regions of an owner, in the order of these names. */
    static List<Object> of(RegionRun run) {
        return Arrays.asList(run, run.x, run.loads, run.stores, RawPages.UNSAFE);
    }

    /**
     * Resolves the constants that are there, and the fields that rare code uses. The JVM's compiler gives up a method
     * for good if a constant is not resolved, and compiles it again after the first use of such a field. The fields are
     * only read: their owner may be at work on another thread.
     */
    static void resolve(MethodVisitor mv) {
        for (Constants constant : values()) {
            if (constant != UNSAFE || RawPages.UNSAFE != null) {
                constant.push(mv);
                mv.visitInsn(POP);
            }
        }
        read(mv, "missed", "Z");
        read(mv, "jump", "I");
    }

    private static void read(MethodVisitor mv, String field, String type) {
        RUN.push(mv);
        mv.visitFieldInsn(GETFIELD, "ferrite/hardware/hart/RegionRun", field, type);
        mv.visitInsn(POP);
    }

    /** Pushes the constant. */
    void push(MethodVisitor mv) {
        mv.visitLdcInsn(new ConstantDynamic("_", type, BOOTSTRAP, ordinal()));
    }
}
