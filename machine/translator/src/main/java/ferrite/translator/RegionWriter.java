package ferrite.translator;

import static org.objectweb.asm.Opcodes.ACC_FINAL;
import static org.objectweb.asm.Opcodes.ACC_PROTECTED;
import static org.objectweb.asm.Opcodes.ACC_PUBLIC;
import static org.objectweb.asm.Opcodes.ACC_SUPER;
import static org.objectweb.asm.Opcodes.ALOAD;
import static org.objectweb.asm.Opcodes.F_FULL;
import static org.objectweb.asm.Opcodes.F_SAME;
import static org.objectweb.asm.Opcodes.GOTO;
import static org.objectweb.asm.Opcodes.IAND;
import static org.objectweb.asm.Opcodes.IFNE;
import static org.objectweb.asm.Opcodes.IF_ICMPEQ;
import static org.objectweb.asm.Opcodes.IF_ICMPGE;
import static org.objectweb.asm.Opcodes.IF_ICMPLT;
import static org.objectweb.asm.Opcodes.IF_ICMPNE;
import static org.objectweb.asm.Opcodes.ILOAD;
import static org.objectweb.asm.Opcodes.INVOKESPECIAL;
import static org.objectweb.asm.Opcodes.INVOKESTATIC;
import static org.objectweb.asm.Opcodes.INVOKEVIRTUAL;
import static org.objectweb.asm.Opcodes.ISTORE;
import static org.objectweb.asm.Opcodes.ISUB;
import static org.objectweb.asm.Opcodes.POP;
import static org.objectweb.asm.Opcodes.PUTFIELD;
import static org.objectweb.asm.Opcodes.RETURN;
import static org.objectweb.asm.Opcodes.V17;

import ferrite.hardware.bus.TranslatedCode;
import ferrite.hardware.instruction.Encoding;
import ferrite.hardware.instruction.Instruction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;

/**
 * Writes the class of a region.
 *
 * <p>Registers are local variables from the beginning of the method to its end. The hart gets them there, and on a slow
 * path. Each block begins by spending its whole budget. If there is not enough, the region ends before the block, and
 * the interpreter executes as many instructions as there are ticks. Rare code stands after the blocks: slow paths, ends
 * of the region, and checks of page changes.
 */
final class RegionWriter {

    private static final String SUPER = "ferrite/hardware/hart/TranslatedRegion";
    private static final String RUN = "ferrite/hardware/hart/RegionRun";
    private static final String UNTAKEN = "ferrite/hardware/hart/UntakenBranches";
    private static final int PAGE_BYTES = Region.PAGE_BYTES;
    /** Maximum number of targets that a jump through a register looks for in its region. */
    private static final int MAX_TARGETS = 64;

    private final Region region;
    private final boolean raw;
    private final List<TranslatedCode.Part> parts;
    private final RegionLocals locals;
    private final Map<Integer, Label> blocks = new TreeMap<>();
    private final List<Runnable> rare = new ArrayList<>();
    private final Label end = new Label();
    private final Label leave = new Label();
    private SlowPaths slow;
    private MethodVisitor mv;
    private CodeWriter out;
    private PageCode pages;
    private int methodBytes;
    /** Whether the frame with all variables is written, to which later ones refer. */
    private boolean framed;

    RegionWriter(Region region, boolean raw) {
        this.region = region;
        this.raw = raw;
        this.parts = region.parts();
        this.locals = new RegionLocals(region.code().values());
        region.leaders().forEach(leader -> blocks.put(leader, new Label()));
    }

    /** Returns the length of the method's code, after {@link #write}. */
    int methodBytes() {
        return methodBytes;
    }

    byte[] write() {
        ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        writer.visit(V17, ACC_FINAL | ACC_SUPER, RegionLocals.REGION, null, SUPER, null);
        MethodVisitor init = writer.visitMethod(ACC_PUBLIC, "<init>", "()V", null, null);
        init.visitCode();
        init.visitVarInsn(ALOAD, 0);
        init.visitMethodInsn(INVOKESPECIAL, SUPER, "<init>", "()V", false);
        Constants.resolve(init);
        init.visitInsn(RETURN);
        init.visitMaxs(0, 0);
        init.visitEnd();
        mv = writer.visitMethod(ACC_PROTECTED, "run", "(II)V", null, null);
        out = new CodeWriter(mv, locals);
        pages = raw ? new RawPages(out) : new WordPages(out);
        slow = new SlowPaths(region, out, locals);
        mv.visitCode();
        writeMethod();
        mv.visitMaxs(0, 0);
        mv.visitEnd();
        slow.writeMethods(writer);
        writer.visitEnd();
        return writer.toByteArray();
    }

    private void writeMethod() {
        Label start = new Label();
        mv.visitLabel(start);
        mv.visitMethodInsn(INVOKESTATIC, UNTAKEN, "keep", "()V", false);
        locals.load(mv);
        writeEntries();
        for (int leader : region.leaders()) {
            writeBlock(leader);
        }
        drain(rare);
        slow.write(end, leave);
        if (slow.hasCalls()) {
            out.bind(leave);
            mv.visitInsn(RETURN);
        }
        out.bind(end);
        for (int register : locals.written()) {
            locals.spill(mv, register);
        }
        Constants.RUN.push(mv);
        mv.visitVarInsn(ILOAD, RegionLocals.PC);
        mv.visitVarInsn(ILOAD, RegionLocals.BUDGET);
        mv.visitMethodInsn(INVOKEVIRTUAL, RUN, "end", "(II)V", false);
        mv.visitInsn(RETURN);
        Label last = new Label();
        mv.visitLabel(last);
        methodBytes = last.getOffset() - start.getOffset();
    }

    private static void drain(List<Runnable> writers) {
        for (int i = 0; i < writers.size(); i++) {
            writers.get(i).run();
        }
        writers.clear();
    }

    private void writeEntries() {
        List<Label> labels = new ArrayList<>();
        for (TranslatedCode.Part part : parts) {
            part.entries().stream().forEach(slot -> labels.add(blocks.get(part.offset() + 2 * slot)));
        }
        if (labels.size() == 1) {
            mv.visitJumpInsn(GOTO, labels.get(0));
        } else {
            mv.visitVarInsn(ILOAD, RegionLocals.PC);   // holds the number of the entry
            mv.visitTableSwitchInsn(0, labels.size() - 1, labels.get(0), labels.toArray(new Label[0]));
        }
    }

    // ---- blocks ----

    private void bindBlock(Label label) {
        mv.visitLabel(label);
        if (framed) {
            mv.visitFrame(F_SAME, 0, null, 0, null);
        } else {
            Object[] types = locals.types();
            mv.visitFrame(F_FULL, types.length, types, 0, null);
            framed = true;
        }
    }

    private void writeBlock(int leader) {
        List<GuestCode> block = region.block(leader);
        int ticks = block.size();
        bindBlock(blocks.get(leader));
        if (region.gates().contains(leader)) {
            checkBudget(leader);
        }
        mv.visitIincInsn(RegionLocals.BUDGET, -ticks);
        for (int i = 0; i < ticks; i++) {
            write(block.get(i), ticks - 1 - i);
        }
        GuestCode last = block.get(ticks - 1);
        if (last.isBranch() || !last.isJump()) {
            fallTo(leader, last);
        }
    }

    /** Ends the region before a block if the budget does not suffice until the next gate. */
    private void checkBudget(int leader) {
        Label under = new Label();
        mv.visitVarInsn(ILOAD, RegionLocals.BUDGET);
        out.constant(region.longest(leader));
        mv.visitJumpInsn(IF_ICMPLT, under);
        rare.add(() -> {
            out.bind(under);
            endAt(leader);
        });
    }

    /** Ends the region with the pc at an offset. */
    private void endAt(int offset) {
        out.pc(offset);
        mv.visitVarInsn(ISTORE, RegionLocals.PC);
        mv.visitJumpInsn(GOTO, end);
    }

    private boolean isDirect(GuestCode from, int target) {
        return blocks.containsKey(target) && Region.samePage(from.offset(), target);
    }

    /** Continues after the last instruction of a block, which may overlap the block that is written next. */
    private void fallTo(int leader, GuestCode last) {
        int target = last.next();
        if (isDirect(last, target)) {
            if (!Integer.valueOf(target).equals(region.leaders().higher(leader))) {
                mv.visitJumpInsn(GOTO, blocks.get(target));
            }
        } else {
            leaveOrCross(target);
        }
    }

    /** Returns the label at which to continue with a jump's target. */
    private Label labelFor(GuestCode from, int target) {
        if (isDirect(from, target)) {
            return blocks.get(target);
        }
        Label label = new Label();
        rare.add(() -> {
            out.bind(label);
            leaveOrCross(target);
        });
        return label;
    }

    /** Goes to another page of the region if its translation is still the same, and ends the region otherwise. */
    private void leaveOrCross(int target) {
        if (blocks.containsKey(target)) {
            int part = 0;
            while (parts.get(part).offset() != (target & -PAGE_BYTES)) {
                part++;
            }
            Constants.RUN.push(mv);
            mv.visitVarInsn(ALOAD, 0);
            out.constant(part);
            out.pc(target & -PAGE_BYTES);
            mv.visitMethodInsn(INVOKEVIRTUAL, RUN, "continues", "(L" + SUPER + ";II)Z", false);
            mv.visitJumpInsn(IFNE, blocks.get(target));
        }
        endAt(target);
    }

    // ---- instructions ----

    /** Writes an instruction, after which so many of its block follow. */
    private void write(GuestCode code, int rest) {
        switch (code.row().operands()) {
            case LOAD -> writeLoad(code, rest);
            case STORE -> writeStore(code, rest);
            case BRANCH -> writeBranch(code);
            case JUMP -> {
                link(code);
                Label target = labelFor(code, code.target());
                mv.visitJumpInsn(GOTO, target);
            }
            case JUMP_REGISTER -> writeJumpRegister(code);
            case FENCE, NONE -> { }                    // as in the interpreter
            default -> {
                if (code.rd() != 0) {
                    new Arithmetic(out).write(code);
                    set(code.rd());
                }
            }
        }
    }

    /** Keeps the value on the stack as a register's. */
    private void set(int register) {
        mv.visitVarInsn(ISTORE, locals.of(register));
    }

    private void link(GuestCode code) {
        if (code.rd() != 0) {
            out.pc(code.next());
            set(code.rd());
        }
    }

    private void writeJumpRegister(GuestCode code) {
        out.register(code.rs1());
        out.add(Encoding.immI(code.word()));
        out.constant(~1);
        mv.visitInsn(IAND);
        mv.visitVarInsn(ISTORE, RegionLocals.PC);
        link(code);
        TreeSet<Integer> targets = region.targets(code);
        Label unknown = code.isReturn() ? end : unknownTarget(code);
        if (!targets.isEmpty() && targets.size() <= MAX_TARGETS) {
            int[] keys = targets.stream().mapToInt(Integer::intValue).toArray();
            Label[] labels = Arrays.stream(keys).mapToObj(key -> labelFor(code, key)).toArray(Label[]::new);
            mv.visitVarInsn(ILOAD, RegionLocals.PC);
            mv.visitVarInsn(ILOAD, RegionLocals.BASE);
            mv.visitInsn(ISUB);
            mv.visitLookupSwitchInsn(unknown, keys, labels);
        } else {
            mv.visitJumpInsn(GOTO, unknown);
        }
    }

    /** Returns the label at which the region ends with a jump to a target that it does not know. */
    private Label unknownTarget(GuestCode jump) {
        Label label = new Label();
        rare.add(() -> {
            out.bind(label);
            Constants.RUN.push(mv);
            out.pc(jump.offset());
            mv.visitFieldInsn(PUTFIELD, RUN, "jump", "I");
            mv.visitJumpInsn(GOTO, end);
        });
        return label;
    }

    private void writeBranch(GuestCode code) {
        boolean unsigned = code.row() == Instruction.BLTU || code.row() == Instruction.BGEU;
        out.register(code.rs1());
        if (unsigned) {
            out.add(Integer.MIN_VALUE);
        }
        out.register(code.rs2());
        if (unsigned) {
            out.add(Integer.MIN_VALUE);
        }
        int opcode = switch (code.row()) {
            case BEQ -> IF_ICMPEQ;
            case BNE -> IF_ICMPNE;
            case BLT, BLTU -> IF_ICMPLT;
            default -> IF_ICMPGE;
        };
        mv.visitJumpInsn(opcode, labelFor(code, code.target()));
    }

    private void writeLoad(GuestCode code, int rest) {
        Access access = Access.of(code.row());
        Label missed = new Label();
        Label done = new Label();
        out.find(Constants.LOADS, code.rs1(), code.immediate(), access.bytes(), missed);
        pages.load(access);
        if (code.rd() == 0) {
            mv.visitInsn(POP);
        } else {
            set(code.rd());
        }
        out.bind(done);
        slow.add(access, code, rest, missed, done);
    }

    private void writeStore(GuestCode code, int rest) {
        Access access = Access.of(code.row());
        Label missed = new Label();
        Label done = new Label();
        out.find(Constants.STORES, code.rs1(), code.immediate(), access.bytes(), missed);
        pages.store(access, code.rs2());
        out.bind(done);
        slow.add(access, code, rest, missed, done);
    }
}
