package ferrite.board.snapshot;

import ferrite.board.image.BootRom;
import ferrite.board.image.ProgramFacts;
import ferrite.board.options.BoardOptions;
import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.report.Hex;
import ferrite.hardware.state.StateException;
import ferrite.peripherals.medium.DiskImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Saves a bare machine to a file, and restores a file into a machine that was built for it. */
public final class MachineKeeper {

    private final Machine machine;
    private final BoardOptions options;
    private final ProgramFacts program;
    private final List<DiskImage> disks;
    private final List<String> devices;
    private final BusMaster loader = BusMaster.host("loader");

    /** @param devices descriptions of the devices that users plug in */
    public MachineKeeper(Machine machine, BoardOptions options, ProgramFacts program, List<DiskImage> disks,
            List<String> devices) {
        this.machine = machine;
        this.options = options;
        this.program = program;
        this.disks = disks;
        this.devices = devices;
    }

    /** The numbers of {@link SavedMachine} that the machine's own clock does not have, as a reset sets it back. */
    public record Past(long instructions, long beforeReset, long ticksBefore) { }

    /** Writes the machine to a file, between two instructions. */
    public void save(Path file, Machine.Snapshot atPowerOn, Past past) throws IOException {
        List<Machine.PartState> parts = machine.saveParts();
        long ramBase = options.kind().ramBase();
        try (SnapshotWriter out = SnapshotWriter.create(file)) {
            out.section(SnapshotFormat.MACHINE, describe(past).toBytes());
            out.section(SnapshotFormat.PROGRAM, SavedProgram.toBytes(program));
            out.section(SnapshotFormat.BOOT_ROM, bootRom());
            out.section(SnapshotFormat.PARTS, SnapshotFormat.partsToBytes(parts));
            out.pages(SnapshotFormat.RAM_AT_POWER_ON, ramBase, visitor -> machine.forEachPageAt(atPowerOn, visitor));
            out.pages(SnapshotFormat.RAM_CHANGES, ramBase,
                    visitor -> machine.forEachPageChangedSince(atPowerOn, visitor));
            out.commit();
        } catch (IOException e) {
            throw new IOException("the snapshot " + file + " was not made: " + reason(e), e);
        }
    }

    /** Words the reason: the messages of these exceptions are only paths. */
    private static String reason(IOException e) {
        if (e instanceof FileSystemException files) {
            return files.getReason() == null ? "no file can be made there" : files.getReason();
        }
        return e.getMessage();
    }

    private SavedMachine describe(Past past) throws IOException {
        List<SavedMachine.SavedDisk> saved = new ArrayList<>();
        for (int i = 0; i < disks.size(); i++) {
            DiskImage disk = disks.get(i);
            saved.add(new SavedMachine.SavedDisk(options.disks().get(i).path().getFileName().toString(),
                    disk.isReadOnly(), options.disks().get(i).slot(), disk.bytes(), disk.digest()));
        }
        return new SavedMachine(options, saved, devices, options.net() != null, past.instructions, past.beforeReset,
                past.ticksBefore);
    }

    private byte[] bootRom() {
        byte[] bytes = new byte[(int) BootRom.BYTES];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) machine.bus().peek(options.kind().bootRom() + i, 1);
        }
        return bytes;
    }

    /** Fills RAM with its contents at power-on. */
    public void loadPowerOn(SnapshotFile snapshot) throws IOException {
        snapshot.forEachPageAtPowerOn((pa, bytes) -> machine.bus().write(loader, pa, bytes, 0, bytes.length));
    }

    /**
     * Brings a machine from power-on to the moment of a snapshot.
     *
     * @throws IOException with a sentence, when the snapshot does not fit; the machine cannot be used after that
     */
    public void restore(SnapshotFile snapshot) throws IOException {
        for (int i = 0; i < disks.size(); i++) {
            requireDisk(i, snapshot);
        }
        requireDevices(snapshot);
        snapshot.forEachPageChangedSince((pa, bytes) -> machine.bus().write(loader, pa, bytes, 0, bytes.length));
        try {
            machine.restoreParts(snapshot.parts());
        } catch (StateException e) {
            throw snapshot.broken(e.getMessage());
        }
    }

    /**
     * Checks that a snapshot is of an equal machine with the same program and the present disks, so that this machine
     * can return to it.
     *
     * @throws IOException with a sentence, when it is not
     */
    public void requireOwn(SnapshotFile snapshot, Machine.Snapshot atPowerOn) throws IOException {
        try {
            snapshot.machine().requireEqual(options);
        } catch (IllegalArgumentException other) {
            throw new IOException(other.getMessage(), other);
        }
        byte[] own = digest(visitor -> machine.forEachPageAt(atPowerOn, visitor));
        if (!Arrays.equals(own, digest(snapshot::forEachPageAtPowerOn))
                || !Arrays.equals(bootRom(), snapshot.bootRom())) {
            throw new IOException(snapshot.file() + " is of another program: its memory at power-on was different; "
                    + "'ferrite boot --restore FILE' goes on with it");
        }
        for (int i = 0; i < disks.size(); i++) {
            requireDisk(i, snapshot);
        }
        requireDevices(snapshot);
    }

    /** Checks that the devices that users plug in are those of the snapshot, at the same places. */
    private void requireDevices(SnapshotFile snapshot) throws IOException {
        List<String> saved = snapshot.machine().devices();
        for (int i = 0; i < devices.size(); i++) {
            if (i >= saved.size() || !devices.get(i).equals(saved.get(i))) {
                throw new IOException("--device has " + devices.get(i) + ", and the machine in " + snapshot.file()
                        + " has " + (i >= saved.size() ? "no more devices" : saved.get(i)));
            }
        }
    }

    private interface Pages {
        void forEach(Ram.PageVisitor visitor) throws IOException;
    }

    private static byte[] digest(Pages pages) throws IOException {
        MessageDigest digest = sha256();
        pages.forEach((pa, bytes) -> {
            digest.update(Long.toString(pa).getBytes(StandardCharsets.US_ASCII));
            digest.update(bytes);
        });
        return digest.digest();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Checks that a disk has the contents that it had when the snapshot was taken. */
    private void requireDisk(int index, SnapshotFile snapshot) throws IOException {
        SavedMachine.SavedDisk saved = snapshot.machine().disks().get(index);
        DiskImage disk = disks.get(index);
        Path path = options.disks().get(index).path();
        if (disk.isReadOnly() && !saved.readOnly()) {
            throw new IOException("disk" + index + " could be written when " + snapshot.file()
                    + " was made, and " + path + " cannot");
        }
        if (!disk.isReadOnly() && saved.readOnly()) {
            throw new IOException("disk" + index + " could not be written when " + snapshot.file()
                    + " was made; '--disk " + path + ",ro' would be right");
        }
        if (disk.bytes() != saved.bytes() || !Arrays.equals(disk.digest(), saved.sha256())) {
            throw new IOException(path + " does not hold what disk" + index + " held when " + snapshot.file()
                    + " was made: " + saved.bytes() + " bytes with the SHA-256 " + Hex.bytes(saved.sha256())
                    + "; a copy of the disk from then is needed");
        }
    }
}
