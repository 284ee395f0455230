package ferrite.board.snapshot;

import ferrite.board.layout.BoardKind;
import ferrite.board.layout.VirtLayout;
import ferrite.board.layout.VirtioKind;
import ferrite.board.options.BoardLimits;
import ferrite.board.options.BoardOptions;
import ferrite.hardware.Machine;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.dma.DmaPolicy;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.hardware.turn.Interleavings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * What has to be known about a machine in a file before it can be built.
 *
 * @param instructions how many it has executed since power-on, resets included
 * @param beforeReset  how many of them before the last reset
 */
public record SavedMachine(BoardKind kind, int harts, long ramBytes, long seed, Interleavings interleaving, DmaPolicy dma, List<SavedDisk> disks,
                           List<VirtioKind> virtio, long instructions, long beforeReset) {

    /**
     * A disk is not in the file, but what was not yet written to it.
     *
     * @param name   what its file was called
     * @param sha256 of what was on it
     */
    public record SavedDisk(String name, boolean readOnly, long bytes, byte[] sha256) { }

    private static final int SHA256_BYTES = 32;

    byte[] toBytes() {
        StateWriter out = new StateWriter();
        SnapshotFormat.putText(out, kind.name());
        out.put32(harts);
        out.put64(ramBytes);
        out.put64(seed);
        SnapshotFormat.putText(out, interleaving.name());
        SnapshotFormat.putText(out, dma.name());
        out.put64(instructions);
        out.put64(beforeReset);
        out.put32(disks.size());
        for (SavedDisk disk : disks) {
            SnapshotFormat.putText(out, disk.name);
            out.putBoolean(disk.readOnly);
            out.put64(disk.bytes);
            out.putBytes(disk.sha256);
        }
        out.put32(virtio.size());
        virtio.forEach(device -> SnapshotFormat.putText(out, device.name()));
        return out.toBytes();
    }

    static SavedMachine of(StateReader in) {
        BoardKind kind = choice(in, BoardKind.values());
        int harts = in.get32(1, Machine.MAX_HARTS);
        long ramBytes = in.get64(0, kind.ramMost());
        try {
            BoardLimits.checkRam(kind, ramBytes);
        } catch (IllegalArgumentException e) {
            StateReader.requireThat(false, e.getMessage());
        }
        long seed = in.get64();
        Interleavings interleaving = choice(in, Interleavings.values());
        DmaPolicy dma = choice(in, DmaPolicy.values());
        long instructions = in.get64(0, Clock.LAST_TICK);
        long beforeReset = in.get64(0, instructions);
        int count = in.get32(0, BoardLimits.MOST_DISKS);
        List<SavedDisk> disks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SavedDisk disk = new SavedDisk(SnapshotFormat.getText(in), in.getBoolean(), in.get64(), in.getBytes());
            StateReader.requireThat(disk.sha256.length == SHA256_BYTES, "a SHA-256 of " + disk.sha256.length + " bytes");
            disks.add(disk);
        }
        return new SavedMachine(kind, harts, ramBytes, seed, interleaving, dma, disks, virtioDevices(in, kind, count), instructions, beforeReset);
    }

    private static List<VirtioKind> virtioDevices(StateReader in, BoardKind kind, int disks) {
        int count = in.get32(0, kind == BoardKind.VIRT ? VirtioKind.values().length : 0);
        List<VirtioKind> devices = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            VirtioKind device = choice(in, VirtioKind.values());
            StateReader.requireThat(!devices.contains(device), "it has two virtio devices of the kind " + device);
            devices.add(device);
        }
        StateReader.requireThat(kind != BoardKind.VIRT || disks + count <= VirtLayout.VIRTIO_SLOTS, "it has " + (disks + count) + " devices for "
                + VirtLayout.VIRTIO_SLOTS + " virtio slots");
        return devices;
    }

    private static <E extends Enum<E>> E choice(StateReader in, E[] values) {
        String name = SnapshotFormat.getText(in);
        return Arrays.stream(values).filter(value -> value.name().equals(name)).findFirst().orElseThrow(() ->
                new ferrite.hardware.state.StateException("it names '" + name + "' where " + Arrays.toString(values) + " can be"));
    }

    /**
     * The options for building this machine, with the disks and the instruction limit of those that were given.
     *
     * @param wasGiven whether an option was on the command line, and does not just have its default
     * @throws IllegalArgumentException with a sentence, when what was given would be another machine
     */
    public BoardOptions complete(BoardOptions given, Predicate<String> wasGiven) {
        refuse(wasGiven, "--board", given.kind().label(), kind.label());
        refuse(wasGiven, "--harts", given.harts(), harts);
        refuse(wasGiven, "--ram", BoardLimits.show(given.ramBytes()), BoardLimits.show(ramBytes));
        refuse(wasGiven, "--seed", given.seed(), seed);
        refuse(wasGiven, "--interleaving", lowerCase(given.interleaving()), lowerCase(interleaving));
        refuse(wasGiven, "--dma", lowerCase(given.dma()), lowerCase(dma));
        if (given.disks().size() != disks.size()) {
            throw new IllegalArgumentException("the machine in the snapshot has " + disks.size() + " disks, and --disk is given " + given.disks().size()
                    + " times; its disks are not in the file" + (disks.isEmpty() ? "" : ", and were called " + String.join(", ", names())));
        }
        if (given.maxInstructions() < instructions) {
            throw new IllegalArgumentException("--max-instructions " + given.maxInstructions() + " counts from power-on, and the machine in the snapshot has "
                    + "executed " + instructions + " instructions already");
        }
        BoardOptions options = new BoardOptions().kind(kind).harts(harts).ram(ramBytes).seed(seed).interleaving(interleaving).dma(dma)
                .maxInstructions(given.maxInstructions());
        given.disks().forEach(options::disk);
        virtio.forEach(options::virtio);
        return options;
    }

    private List<String> names() {
        return disks.stream().map(SavedDisk::name).toList();
    }

    private static void refuse(Predicate<String> wasGiven, String option, Object given, Object saved) {
        if (wasGiven.test(option) && !given.equals(saved)) {
            throw new IllegalArgumentException(option + " " + given + ": the machine in the snapshot has " + option + " " + saved
                    + ", which need not be given again");
        }
    }

    private static String lowerCase(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
