package ferrite.scenarios.hostile;

import ferrite.board.image.GuestProgram;
import ferrite.board.layout.BoardKind;
import ferrite.board.layout.VirtioKind;
import ferrite.hardware.bus.AddressRange;
import ferrite.hardware.dma.DmaPolicy;
import ferrite.hardware.hart.Csrs;
import ferrite.hardware.instruction.Instruction;
import ferrite.hardware.turn.Interleavings;
import ferrite.scenarios.qemu.Choice;
import ferrite.scenarios.qemu.Code;
import java.util.ArrayList;
import java.util.List;

/**
 * Programs that do forbidden things: steps of {@value #STEP_BYTES} bytes, one after the other, and several at once on
 * several harts. The trap handler continues with the next step in M-mode.
 */
final class GuestPrograms {

    /** Offsets from the start of RAM. */
    static final int STEPS = 0x200;
    static final int DATA = 0x1_0000;
    static final int ROOT = 0x2_0000;
    static final int LEAVES = 0x2_1000;

    private static final int OUT_OF = 4;
    private static final int STEP_BYTES = 128;
    private static final int HANDLER = 0x100;
    private static final int SUPERVISOR_HANDLER = 0x180;
    private static final int LOAD_BYTES = STEPS;
    private static final long MIN_RAM = 8 << 20;
    /** The entry of a flat payload of the firmware, as an offset from the start of RAM. */
    private static final int PAYLOAD = 4 << 20;
    /** Instructions of the firmware before the payload starts, on eight harts. */
    static final int FIRMWARE_INSTRUCTIONS = 250_000;

    private GuestPrograms() { }

    static HostileCase<GuestStep> generate(Choice choice, Devices devices) {
        return generate(choice, devices, choice.of(0, 1, 2, 3, 3, 4));
    }

    /** Makes a program with nearly all steps about devices. */
    static HostileCase<GuestStep> forDevices(Choice choice, Devices devices) {
        return generate(choice, devices, OUT_OF - 1);
    }

    /** @param weight the average number of steps about devices, of {@value #OUT_OF} */
    private static HostileCase<GuestStep> generate(Choice choice, Devices devices, int weight) {
        Setup setup = setup(choice);
        int ram = (int) setup.board().ramBase();
        return new HostileCase<>(Kind.GUEST, setup, steps(choice, devices.of(setup.board()), setup, weight, false),
                steps -> assemble(steps, ram, false));
    }

    /** Makes a program for S-mode, which the firmware starts. */
    static HostileCase<GuestStep> payload(Choice choice, Devices devices) {
        Setup small = setup(choice);
        long instructions = FIRMWARE_INSTRUCTIONS + 1000 + choice.below(30_000);
        Setup setup = small.started(GuestProgram.FIRMWARE_OF_OURS, instructions,
                small.resumeAt() < 0 ? -1 : momentOfPayload(choice));
        int start = (int) setup.board().ramBase() + PAYLOAD;
        return new HostileCase<>(Kind.PAYLOAD, setup, steps(choice, devices.of(setup.board()), setup,
                choice.below(OUT_OF), true), steps -> assemble(steps, start, true));
    }

    /** Chooses a moment, mostly while the payload runs. */
    static int momentOfPayload(Choice choice) {
        return choice.oneIn(5) ? choice.below(FIRMWARE_INSTRUCTIONS) : FIRMWARE_INSTRUCTIONS - choice.below(100_000);
    }

    /** Chooses a small machine of any kind. */
    static Setup setup(Choice choice) {
        BoardKind board = choice.of(List.of(BoardKind.values()));
        long instructions = 1000 + choice.below(30_000);
        long resumeAt = choice.oneIn(3) ? choice.below((int) instructions) : -1;
        List<VirtioKind> virtio = board == BoardKind.VIRT
                ? choice.of(List.of(List.of(), List.of(VirtioKind.CONSOLE), List.of(VirtioKind.ENTROPY),
                        List.of(VirtioKind.CONSOLE, VirtioKind.ENTROPY))) : List.of();
        return new Setup(false, board, 1 + (choice.oneIn(2) ? 0 : choice.below(8)), MIN_RAM,
                choice.of(List.of(Interleavings.values())), choice.word(), choice.of(List.of(DmaPolicy.values())),
                choice.below(3), virtio, null, 0, 0, choice.oneIn(3) ? choice.below(100) : 0, instructions, resumeAt);
    }

    private static List<GuestStep> steps(Choice choice, List<AddressRange> devices, Setup setup,
            int weight, boolean payload) {
        int ram = (int) setup.board().ramBase();
        int start = payload ? ram + PAYLOAD : ram;
        long room = payload ? setup.ramBytes() - PAYLOAD : setup.ramBytes();
        DeviceSteps device = new DeviceSteps(choice, devices, start);
        MachineSteps machine = new MachineSteps(choice, devices, start, room);
        SbiSteps firmware = new SbiSteps(choice, ram, start, setup.ramBytes());
        VirtioSteps virtio = setup.board() == BoardKind.VIRT
                ? new VirtioSteps(choice, setup, devices, start, room) : null;
        List<GuestStep> steps = new ArrayList<>();
        for (int count = 4 + choice.below(60); steps.size() < count; ) {
            if (payload && choice.oneIn(3)) {
                steps.add(firmware.any());
            } else if (choice.below(OUT_OF) >= weight) {
                steps.add(machine.any());
            } else if (virtio != null && choice.oneIn(3)) {
                steps.addAll(virtio.conversation());
            } else {
                steps.add(device.any());
            }
        }
        return steps;
    }

    private static byte[] assemble(List<GuestStep> steps, int ram, boolean payload) {
        byte[] image = new byte[LOAD_BYTES + (steps.size() + 1) * STEP_BYTES];
        put(image, 0, payload ? startOfPayload(ram) : start(ram));
        put(image, HANDLER, payload ? handlerOfPayload(ram + HANDLER) : handler(ram + HANDLER));
        put(image, SUPERVISOR_HANDLER, new Code(ram + SUPERVISOR_HANDLER).plain(Instruction.ECALL));
        int at = STEPS;
        for (GuestStep step : steps) {
            Code code = new Code(ram + at).u(Instruction.AUIPC, Code.GP, 0);
            step.emit().accept(code);
            if (code.bytes() > STEP_BYTES - 4) {
                throw new IllegalStateException("step '" + step.name() + "' has " + code.bytes() + " bytes");
            }
            put(image, at, code.word(Instruction.JAL.match() | Code.offsetJ(STEP_BYTES - code.bytes())));
            at += STEP_BYTES;
        }
        put(image, at, new Code(ram + at).label("end").plain(Instruction.WFI).jump(0, "end"));
        return image;
    }

    /** Assembles the start. Each hart begins with another step, if there are so many. Nothing is protected. */
    private static Code start(int ram) {
        return new Code(ram).li(Code.T0, ram + HANDLER).csrw(Csrs.MTVEC, Code.T0)
                .li(Code.T0, ram + SUPERVISOR_HANDLER).csrw(Csrs.STVEC, Code.T0)
                .li(Code.T0, -1).csrw(Csrs.PMPADDR0, Code.T0).li(Code.T0, 0x1f).csrw(Csrs.PMPCFG0, Code.T0)
                .csrr(Code.T0, Csrs.MHARTID).i(Instruction.SLLI, Code.T0, Code.T0, 8).li(Code.T1, ram + STEPS)
                .r(Instruction.ADD, Code.T0, Code.T0, Code.T1)
                .i(Instruction.JALR, 0, Code.T0, 0);
    }

    private static Code handler(int at) {
        return new Code(at).csrw(Csrs.MIE, 0).li(Code.T6, Csrs.MPP).csr(Instruction.CSRRS, 0, Csrs.MSTATUS, Code.T6)
                .i(Instruction.ADDI, Code.GP, Code.GP, STEP_BYTES).csrw(Csrs.MEPC, Code.GP).plain(Instruction.MRET);
    }

    /** Assembles the start in S-mode, with the hart's number from the firmware. */
    private static Code startOfPayload(int start) {
        return new Code(start).li(Code.T0, start + HANDLER)
                .csrw(Csrs.STVEC, Code.T0).i(Instruction.SLLI, Code.T0, Code.A0, 8)
                .li(Code.T1, start + STEPS).r(Instruction.ADD, Code.T0, Code.T0, Code.T1)
                .i(Instruction.JALR, 0, Code.T0, 0);
    }

    private static Code handlerOfPayload(int at) {
        return new Code(at).csrw(Csrs.SIE, 0).li(Code.T6, Csrs.SPP).csr(Instruction.CSRRS, 0, Csrs.SSTATUS, Code.T6)
                .i(Instruction.ADDI, Code.GP, Code.GP, STEP_BYTES).csrw(Csrs.SEPC, Code.GP).plain(Instruction.SRET);
    }

    private static void put(byte[] image, int at, Code code) {
        byte[] bytes = code.toBytes();
        System.arraycopy(bytes, 0, image, at, bytes.length);
    }
}
