package ferrite.translator;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.hart.Mmu;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** The JVM's compiler must not copy the slow path of an access into each region that uses it. */
class SlowPathSizeTest {

    /** The JVM's FreqInlineSize, up to which a frequent method is copied into its callers. */
    private static final int COPIED_BYTES = 325;

    @Test
    void theSlowPathIsTooLargeToBeCopiedIntoItsCallers() throws IOException {
        Map<String, Label> ends = new HashMap<>();
        try (InputStream in = Mmu.class.getResourceAsStream("Mmu.class")) {
            new ClassReader(in).accept(new ClassVisitor(Opcodes.ASM9, new ClassWriter(0)) {
                @Override
                public MethodVisitor visitMethod(int flags, String name, String type, String generic, String[] thrown) {
                    MethodVisitor writer = super.visitMethod(flags, name, type, generic, thrown);
                    return new MethodVisitor(Opcodes.ASM9, writer) {
                        @Override
                        public void visitMaxs(int stack, int locals) {
                            Label end = new Label();
                            visitLabel(end);
                            ends.put(name, end);
                            super.visitMaxs(stack, locals);
                        }
                    };
                }
            }, ClassReader.SKIP_DEBUG);
        }
        assertThat(ends.get("access").getOffset()).isGreaterThan(COPIED_BYTES);
        assertThat(ends.get("translate").getOffset()).isGreaterThan(COPIED_BYTES);
    }
}
