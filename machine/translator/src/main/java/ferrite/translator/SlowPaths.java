package ferrite.translator;

import static org.objectweb.asm.Opcodes.ALOAD;
import static org.objectweb.asm.Opcodes.F_SAME1;
import static org.objectweb.asm.Opcodes.GETFIELD;
import static org.objectweb.asm.Opcodes.GOTO;
import static org.objectweb.asm.Opcodes.IFEQ;
import static org.objectweb.asm.Opcodes.ILOAD;
import static org.objectweb.asm.Opcodes.INVOKEVIRTUAL;
import static org.objectweb.asm.Opcodes.ISTORE;
import static org.objectweb.asm.Opcodes.SWAP;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;

/**
 * The slow paths of loads and stores. All accesses of a kind share one call, because the JVM's compiler would
 * inline each: they leave their number, and a switch after the call leads back.
 */
final class SlowPaths {

    private static final String RUN = "ferrite/hardware/hart/RegionRun";

    /** One access: its instruction, the instructions after it in its block, and where its fast path misses and ends. */
    private record Site(GuestCode code, int rest, Label missed, Label done) { }

    private final CodeWriter out;
    private final RegionLocals locals;
    private final MethodVisitor mv;
    private final Map<Access, List<Site>> sites = new EnumMap<>(Access.class);

    SlowPaths(CodeWriter out, RegionLocals locals) {
        this.out = out;
        this.locals = locals;
        this.mv = out.visitor();
    }

    void add(Access access, GuestCode code, int rest, Label missed, Label done) {
        sites.computeIfAbsent(access, kind -> new ArrayList<>()).add(new Site(code, rest, missed, done));
    }

    boolean isUsed() {
        return !sites.isEmpty();
    }

    /** Writes all slow paths. An exception ends the region at {@code leave}, which is bound after them. */
    void write(Label leave) {
        Label start = new Label();
        Label end = new Label();
        Label handler = new Label();
        mv.visitLabel(start);
        sites.forEach((access, ofKind) -> write(access, ofKind, leave));
        mv.visitLabel(end);
        mv.visitTryCatchBlock(start, end, handler, null);
        mv.visitLabel(handler);
        mv.visitFrame(F_SAME1, 0, null, 1, new Object[] {"java/lang/Throwable"});
        mv.visitVarInsn(ALOAD, RegionLocals.RUN);
        mv.visitInsn(SWAP);
        mv.visitMethodInsn(INVOKEVIRTUAL, RUN, "fail", "(Ljava/lang/Throwable;)V", false);
        out.bind(leave);
    }

    private void write(Access access, List<Site> ofKind, Label leave) {
        Label call = new Label();
        for (int number = 0; number < ofKind.size(); number++) {
            prepare(access, ofKind.get(number), number);
            mv.visitJumpInsn(GOTO, call);
        }
        out.bind(call);
        mv.visitVarInsn(ALOAD, RegionLocals.RUN);
        mv.visitVarInsn(ILOAD, RegionLocals.VA);
        if (access.isStore()) {
            mv.visitVarInsn(ILOAD, RegionLocals.VALUE);
        }
        mv.visitVarInsn(ILOAD, RegionLocals.PC);
        mv.visitVarInsn(ILOAD, RegionLocals.LEFT);
        mv.visitMethodInsn(INVOKEVIRTUAL, RUN, access.slowPath(), access.isStore() ? "(IIII)V" : "(III)I", false);
        if (!access.isStore()) {
            mv.visitVarInsn(ISTORE, RegionLocals.VALUE);
        }
        Label[] labels = ofKind.stream().map(site -> new Label()).toArray(Label[]::new);
        mv.visitVarInsn(ILOAD, RegionLocals.SITE);
        mv.visitTableSwitchInsn(0, labels.length - 1, labels[0], labels);
        for (int number = 0; number < labels.length; number++) {
            out.bind(labels[number]);
            finish(access, ofKind.get(number), leave);
        }
    }

    private void prepare(Access access, Site site, int number) {
        out.bind(site.missed);
        if (access.isStore()) {
            out.register(site.code.rs2());
            mv.visitVarInsn(ISTORE, RegionLocals.VALUE);
        }
        out.pc(site.code.offset() | (site.code.bytes() == 2 ? 1 : 0));
        mv.visitVarInsn(ISTORE, RegionLocals.PC);
        mv.visitVarInsn(ILOAD, RegionLocals.BUDGET);
        out.add(site.rest);
        mv.visitVarInsn(ISTORE, RegionLocals.LEFT);
        out.constant(number);
        mv.visitVarInsn(ISTORE, RegionLocals.SITE);
    }

    private void finish(Access access, Site site, Label leave) {
        if (!access.isStore() && site.code.rd() != 0) {
            mv.visitVarInsn(ILOAD, RegionLocals.VALUE);
            mv.visitVarInsn(ISTORE, locals.of(site.code.rd()));
        }
        mv.visitVarInsn(ALOAD, RegionLocals.RUN);
        mv.visitFieldInsn(GETFIELD, RUN, "leaves", "Z");
        mv.visitJumpInsn(IFEQ, site.done);
        mv.visitJumpInsn(GOTO, leave);
    }
}
