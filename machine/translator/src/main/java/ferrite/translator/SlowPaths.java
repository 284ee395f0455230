package ferrite.translator;

import static org.objectweb.asm.Opcodes.GETFIELD;
import static org.objectweb.asm.Opcodes.GOTO;
import static org.objectweb.asm.Opcodes.IFEQ;
import static org.objectweb.asm.Opcodes.ILOAD;
import static org.objectweb.asm.Opcodes.INVOKEVIRTUAL;
import static org.objectweb.asm.Opcodes.ISTORE;
import static org.objectweb.asm.Opcodes.POP;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;

/**
 * The slow paths of loads and stores. Each has a call of its own: a call that many share, with a switch after it,
 * would join all loops of the region into one, in which the JVM's compiler optimizes nothing.
 */
final class SlowPaths {

    private static final String RUN = "ferrite/hardware/hart/RegionRun";

    /** One access: its instruction, the instructions after it in its block, and where its fast path misses and ends. */
    private record Site(Access access, GuestCode code, int rest, BitSet changed, Label missed, Label done) { }

    private final CodeWriter out;
    private final RegionLocals locals;
    private final MethodVisitor mv;
    private final List<Site> sites = new ArrayList<>();

    SlowPaths(CodeWriter out, RegionLocals locals) {
        this.out = out;
        this.locals = locals;
        this.mv = out.visitor();
    }

    void add(Access access, GuestCode code, int rest, BitSet changed, Label missed, Label done) {
        sites.add(new Site(access, code, rest, changed, missed, done));
    }

    boolean isUsed() {
        return !sites.isEmpty();
    }

    /** Writes all slow paths. The region continues at {@code leave} if it must end after an access. */
    void write(Label leave) {
        sites.forEach(site -> write(site, leave));
    }

    private void write(Site site, Label leave) {
        out.bind(site.missed);
        site.changed.stream().forEach(register -> locals.spill(mv, register));
        Constants.RUN.push(mv);
        mv.visitVarInsn(ILOAD, RegionLocals.VA);
        if (site.access.isStore()) {
            out.register(site.code.rs2());
        }
        out.pc(site.code.offset() | (site.code.bytes() == 2 ? 1 : 0));
        mv.visitVarInsn(ILOAD, RegionLocals.BUDGET);
        out.add(site.rest);
        mv.visitMethodInsn(INVOKEVIRTUAL, RUN, site.access.slowPath(), site.access.isStore() ? "(IIII)V" : "(III)I",
                false);
        if (!site.access.isStore()) {
            if (site.code.rd() == 0) {
                mv.visitInsn(POP);
            } else {
                mv.visitVarInsn(ISTORE, locals.of(site.code.rd()));
                locals.spill(mv, site.code.rd());
            }
        }
        Constants.RUN.push(mv);
        mv.visitFieldInsn(GETFIELD, RUN, "leaves", "Z");
        mv.visitJumpInsn(IFEQ, site.done);
        mv.visitJumpInsn(GOTO, leave);
    }
}
