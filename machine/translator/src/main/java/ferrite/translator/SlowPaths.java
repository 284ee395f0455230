package ferrite.translator;

import static org.objectweb.asm.Opcodes.ACC_PRIVATE;
import static org.objectweb.asm.Opcodes.ACC_STATIC;
import static org.objectweb.asm.Opcodes.GETFIELD;
import static org.objectweb.asm.Opcodes.GOTO;
import static org.objectweb.asm.Opcodes.IASTORE;
import static org.objectweb.asm.Opcodes.ICONST_1;
import static org.objectweb.asm.Opcodes.IFEQ;
import static org.objectweb.asm.Opcodes.ILOAD;
import static org.objectweb.asm.Opcodes.INVOKESTATIC;
import static org.objectweb.asm.Opcodes.INVOKEVIRTUAL;
import static org.objectweb.asm.Opcodes.IRETURN;
import static org.objectweb.asm.Opcodes.ISTORE;
import static org.objectweb.asm.Opcodes.POP;
import static org.objectweb.asm.Opcodes.PUTFIELD;
import static org.objectweb.asm.Opcodes.RETURN;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;

/**
 * The slow paths of loads and stores. Most end the region before the access, which the interpreter executes. An access
 * that often misses has a call of its own: a call that many share, with a switch after it, would join all loops of the
 * region into one, in which the JVM's compiler optimizes nothing.
 */
final class SlowPaths {

    private static final String RUN = "ferrite/hardware/hart/RegionRun";

    /**
     * One access: its instruction, the instructions after it in its block, where its fast path misses and ends, and
     * whether it often misses.
     */
    private record Site(Access access, GuestCode code, int rest, Label missed, Label done, boolean often) { }

    private final Region region;
    private final CodeWriter out;
    private final RegionLocals locals;
    private final MethodVisitor mv;
    private final List<Site> sites = new ArrayList<>();

    SlowPaths(Region region, CodeWriter out, RegionLocals locals) {
        this.region = region;
        this.out = out;
        this.locals = locals;
        this.mv = out.visitor();
    }

    void add(Access access, GuestCode code, int rest, Label missed, Label done) {
        sites.add(new Site(access, code, rest, missed, done, region.oftenMisses(code)));
    }

    /** Tells whether there are calls, after which the region may have to leave. */
    boolean hasCalls() {
        return sites.stream().anyMatch(Site::often);
    }

    /**
     * Writes all slow paths.
     *
     * @param end   ends the region
     * @param leave leaves the region, which has ended
     */
    void write(Label end, Label leave) {
        for (Site site : sites) {
            out.bind(site.missed);
            if (site.often) {
                writeCall(site, leave);
            } else {
                writeEnd(site, end);
            }
        }
    }

    /** Ends the region before the access: the interpreter executes it. */
    private void writeEnd(Site site, Label end) {
        mv.visitIincInsn(RegionLocals.BUDGET, site.rest + 1);
        out.pc(site.code.offset());
        mv.visitVarInsn(ISTORE, RegionLocals.PC);
        Constants.RUN.push(mv);
        mv.visitInsn(ICONST_1);
        mv.visitFieldInsn(PUTFIELD, RUN, "missed", "Z");
        mv.visitJumpInsn(GOTO, end);
    }

    private void writeCall(Site site, Label leave) {
        mv.visitVarInsn(ILOAD, RegionLocals.VA);
        if (site.access.isStore()) {
            out.register(site.code.rs2());
        }
        out.pc(site.code.offset() | (site.code.bytes() == 2 ? 1 : 0));
        mv.visitVarInsn(ILOAD, RegionLocals.BUDGET);
        out.add(site.rest);
        for (int register : locals.written()) {
            out.register(register);
        }
        mv.visitMethodInsn(INVOKESTATIC, RegionLocals.REGION, site.access.slowPath(),
                descriptor(site.access, locals.written().length), false);
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

    /** Writes a method for each kind of access. It gives the registers to the hart, and calls the hart. */
    void writeMethods(ClassWriter writer) {
        Set<Access> used = EnumSet.noneOf(Access.class);
        sites.stream().filter(Site::often).forEach(site -> used.add(site.access));
        used.forEach(access -> writeMethod(writer, access));
    }

    private void writeMethod(ClassWriter writer, Access access) {
        MethodVisitor method = writer.visitMethod(ACC_PRIVATE | ACC_STATIC, access.slowPath(),
                descriptor(access, locals.written().length), null, null);
        method.visitCode();
        int variable = arguments(access);
        for (int register : locals.written()) {
            Constants.X.push(method);
            CodeWriter.constant(method, register);
            method.visitVarInsn(ILOAD, variable++);
            method.visitInsn(IASTORE);
        }
        Constants.RUN.push(method);
        for (int i = 0; i < arguments(access); i++) {
            method.visitVarInsn(ILOAD, i);
        }
        method.visitMethodInsn(INVOKEVIRTUAL, RUN, access.slowPath(), descriptor(access, 0), false);
        method.visitInsn(access.isStore() ? RETURN : IRETURN);
        method.visitMaxs(0, 0);
        method.visitEnd();
    }

    /** Returns the number of the hart's arguments: the address, the value of a store, the pc, and the budget. */
    private static int arguments(Access access) {
        return access.isStore() ? 4 : 3;
    }

    private static String descriptor(Access access, int registers) {
        return "(" + "I".repeat(arguments(access) + registers) + ")" + (access.isStore() ? "V" : "I");
    }
}
