package ferrite.board.snapshot;

import ferrite.board.layout.BoardKind;
import ferrite.board.layout.InputTarget;
import ferrite.board.layout.VirtLayout;
import ferrite.board.layout.VirtioKind;
import ferrite.board.options.BoardLimits;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.DeviceOptions;
import ferrite.board.options.MachineOption;
import ferrite.board.options.MachineOptions;
import ferrite.board.options.RtcDate;
import ferrite.hardware.Machine;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.dma.DmaPolicy;
import ferrite.hardware.state.StateException;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.hardware.turn.Interleavings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * The description of a machine in a file, from which the machine can be built.
 *
 * @param options      the {@linkplain MachineOption#isSaved saved} options; the others have their defaults
 * @param disks        the machine's disks, which are not in the file
 * @param devices      descriptions of the devices that users plug in, which are not in the file; their state is
 * @param card         whether the machine has a network card; the captures at its cable are not in the file
 * @param instructions the number of instructions since power-on, resets included
 * @param beforeReset  the number of them before the last reset
 * @param ticksBefore  the ticks of the clock from power-on to the last reset
 */
public record SavedMachine(BoardOptions options, List<SavedDisk> disks, List<String> devices,
        boolean card, long instructions, long beforeReset, long ticksBefore) {

    /**
     * A disk. The file holds only its write cache, in the state of the drive.
     *
     * @param name   the name of the disk's file
     * @param slot   the virtio slot that was chosen, or {@link DeviceOptions#ANY_SLOT}
     * @param sha256 digest of the disk's contents
     */
    public record SavedDisk(String name, boolean readOnly, int slot, long bytes, byte[] sha256) { }

    private static final int SHA256_BYTES = 32;

    byte[] toBytes() {
        StateWriter out = new StateWriter();
        SnapshotFormat.putText(out, options.kind().name());
        out.put32(options.harts());
        out.put64(options.ramBytes());
        out.put64(options.seed());
        SnapshotFormat.putText(out, options.interleaving().name());
        SnapshotFormat.putText(out, options.dma().name());
        out.put64(instructions);
        out.put64(beforeReset);
        out.put64(ticksBefore);
        out.put32(disks.size());
        for (SavedDisk disk : disks) {
            SnapshotFormat.putText(out, disk.name);
            out.putBoolean(disk.readOnly);
            out.put32(disk.slot);
            out.put64(disk.bytes);
            out.putBytes(disk.sha256);
        }
        out.put32(options.virtio().size());
        for (VirtioKind device : options.virtio()) {
            SnapshotFormat.putText(out, device.name());
            out.put32(options.virtioSlot(device));
        }
        out.putBoolean(options.semihosting());
        SnapshotFormat.putText(out, options.input().name());
        out.putBoolean(options.virtioLegacy());
        out.put32(options.timebase());
        out.put64(options.rtcSeconds());
        out.put32(devices.size());
        devices.forEach(device -> SnapshotFormat.putText(out, device));
        out.putBoolean(card);
        return out.toBytes();
    }

    static SavedMachine of(StateReader in) {
        BoardKind kind = choice(in, BoardKind.values());
        BoardOptions options = new BoardOptions().kind(kind)
                .harts(in.get32(1, Machine.MAX_HARTS)).ram(ram(in, kind)).seed(in.get64())
                .interleaving(choice(in, Interleavings.values())).dma(choice(in, DmaPolicy.values()));
        long instructions = in.get64(0, Clock.LAST_TICK);
        long beforeReset = in.get64(0, instructions);
        long ticksBefore = in.get64(beforeReset, Clock.LAST_TICK);
        int count = in.get32(0, BoardLimits.MAX_DISKS);
        List<SavedDisk> disks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SavedDisk disk = new SavedDisk(SnapshotFormat.getText(in), in.getBoolean(), slot(in, kind), in.get64(),
                    in.getBytes());
            StateReader.requireThat(disk.sha256.length == SHA256_BYTES,
                    "a SHA-256 of " + disk.sha256.length + " bytes");
            disks.add(disk);
        }
        addVirtioDevices(in, options, count);
        options.semihosting(in.getBoolean());
        options.input(choice(in, InputTarget.values()));
        options.virtioLegacy(in.getBoolean());
        int timebase = in.get32();
        StateReader.requireThat(Arrays.stream(BoardKind.values()).anyMatch(each -> each.timebase() == timebase),
                "its real-time counter has " + timebase + " Hz");
        options.timebase(timebase).rtcSeconds(in.get64(BoardOptions.NO_CLOCK, RtcDate.LAST));
        List<String> devices = new ArrayList<>();
        for (int left = in.get32(0, BoardLimits.MAX_DEVICES); left > 0; left--) {
            devices.add(SnapshotFormat.getText(in));
        }
        boolean card = in.getBoolean();
        StateReader.requireThat(!card || kind == BoardKind.VIRT, "its board has no slot for a network card");
        return new SavedMachine(options, disks, devices, card, instructions, beforeReset, ticksBefore);
    }

    private static long ram(StateReader in, BoardKind kind) {
        long bytes = in.get64(0, kind.maxRamBytes());
        try {
            return BoardLimits.checkRam(kind, bytes);
        } catch (IllegalArgumentException e) {
            throw new StateException(e.getMessage());
        }
    }

    private static void addVirtioDevices(StateReader in, BoardOptions options, int disks) {
        boolean hasSlots = options.kind() == BoardKind.VIRT;
        int count = in.get32(0, hasSlots ? VirtioKind.values().length : 0);
        for (int i = 0; i < count; i++) {
            VirtioKind device = choice(in, VirtioKind.values());
            StateReader.requireThat(!options.virtio().contains(device),
                    "it has two virtio devices of the kind " + device);
            options.virtio(device, slot(in, options.kind()));
        }
        StateReader.requireThat(!hasSlots || disks + count <= VirtLayout.VIRTIO_SLOTS,
                "it has " + (disks + count) + " devices for " + VirtLayout.VIRTIO_SLOTS + " virtio slots");
    }

    private static int slot(StateReader in, BoardKind kind) {
        return in.get32(DeviceOptions.ANY_SLOT,
                kind == BoardKind.VIRT ? VirtLayout.VIRTIO_SLOTS - 1 : DeviceOptions.ANY_SLOT);
    }

    private static <E extends Enum<E>> E choice(StateReader in, E[] values) {
        String name = SnapshotFormat.getText(in);
        return Arrays.stream(values).filter(value -> value.name().equals(name)).findFirst().orElseThrow(() ->
                new StateException("it names '" + name + "' where " + Arrays.toString(values) + " can be"));
    }

    /**
     * Returns the options for building this machine. The command line gives all that the file does not hold:
     * the disks and other files, the limits, and the translation.
     *
     * @param wasGiven returns whether the command line has the option with this name
     * @throws IllegalArgumentException with a sentence, when the command line describes another machine
     */
    public BoardOptions complete(BoardOptions given, Predicate<String> wasGiven) {
        List<MachineOption> saved = MachineOptions.ALL.stream().filter(MachineOption::isSaved).toList();
        saved.stream().filter(option -> wasGiven.test(option.name())).forEach(option -> requireSame(option, given));
        if (given.disks().size() != disks.size()) {
            throw new IllegalArgumentException("the machine in the snapshot has " + disks.size()
                    + " disks, and --disk is given " + given.disks().size() + " times; its disks are not in the file"
                    + (disks.isEmpty() ? "" : ", and were called " + String.join(", ", names())));
        }
        if (given.devices().size() != devices.size()) {
            throw new IllegalArgumentException("the machine in the snapshot has " + devices.size()
                    + " devices of --device, which is given " + given.devices().size() + " times; their models are not "
                    + "in the file" + (devices.isEmpty() ? "" : ": " + String.join("; ", devices)));
        }
        if (card != (given.net() != null)) {
            throw new IllegalArgumentException(card ? "the machine in the snapshot has a network card; '--net "
                    + "in=PCAP,out=PCAP' gives the captures at its cable, which are not in the file"
                    : "--net " + given.net() + ": the machine in the snapshot has no network card");
        }
        if (given.maxInstructions() < instructions) {
            throw new IllegalArgumentException("--max-instructions " + given.maxInstructions()
                    + " counts from power-on, and the machine in the snapshot has "
                    + "executed " + instructions + " instructions already");
        }
        if (given.semihostingDirectory() != null && !options.semihosting()) {
            throw new IllegalArgumentException("--semihosting-dir " + given.semihostingDirectory()
                    + ": the machine in the snapshot has --semihosting off");
        }
        BoardOptions complete = new BoardOptions().maxInstructions(given.maxInstructions())
                .semihostingDirectory(given.semihostingDirectory()).maxTicks(given.maxTicks())
                .endsAtReboot(given.endsAtReboot()).translation(given.translation());
        saved.forEach(option -> option.copy(options, complete));
        for (int i = 0; i < disks.size(); i++) {
            complete.disk(inSlot(given.disks().get(i), disks.get(i).slot));
        }
        given.devices().forEach(complete::device);
        complete.net(given.net());
        return complete;
    }

    private static DeviceOptions.DiskFile inSlot(DeviceOptions.DiskFile given, int slot) {
        if (given.slot() != DeviceOptions.ANY_SLOT && given.slot() != slot) {
            throw new IllegalArgumentException("--disk " + given.path() + ",slot=" + given.slot()
                    + ": the machine in the snapshot has this disk in another slot; leave out slot=");
        }
        return new DeviceOptions.DiskFile(given.path(), given.readOnly(), slot);
    }

    /**
     * Checks that a machine with these options is equal to the saved one.
     *
     * @throws IllegalArgumentException with a sentence, when it is not
     */
    void requireEqual(BoardOptions other) {
        MachineOptions.ALL.stream().filter(MachineOption::isSaved).forEach(option -> requireSame(option, other));
        if (other.disks().size() != disks.size()) {
            throw new IllegalArgumentException("the machine in the snapshot has " + disks.size()
                    + " disks, and this one has " + other.disks().size());
        }
    }

    private List<String> names() {
        return disks.stream().map(SavedDisk::name).toList();
    }

    private void requireSame(MachineOption option, BoardOptions given) {
        String wanted = String.join(",", option.write(given));
        String there = String.join(",", option.write(options));
        if (!wanted.equals(there)) {
            throw new IllegalArgumentException(option.name() + " " + wanted + ": the machine in the snapshot has "
                    + option.name() + " " + there + ", which need not be given again");
        }
    }
}
