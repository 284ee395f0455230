package ferrite.board.options;

import ferrite.board.layout.BoardKind;
import ferrite.board.layout.FerriteLayout;
import ferrite.board.layout.InputTarget;
import ferrite.board.layout.VirtLayout;
import ferrite.board.layout.VirtioKind;
import ferrite.hardware.report.Hex;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.mm.PageLayout;
import ferrite.kernel.mm.PageOwner;
import ferrite.peripherals.fault.Fault;
import ferrite.peripherals.fault.FaultyDevice;
import java.util.List;
import java.util.stream.Stream;

/** The limits of a board's options. Each check throws {@link IllegalArgumentException} with a sentence. */
public final class BoardLimits {

    public static final int MAX_DISKS = 16;
    public static final int MAX_DEVICES = 16;

    private static final long PAGE = 4096;
    private static final long MIN_DMA_ZONE = 1L << 20;
    /** What the kernel allocates at boot beside the records of frames, and some room. */
    private static final long BOOT_BYTES = 1L << 20;

    private BoardLimits() { }

    /**
     * Reads a number of bytes as a person writes it: K, M and G count in 1024s, in either case; a bare number is bytes.
     */
    public static long parseSize(String text) {
        if (!text.matches("[0-9]{1,12}[kKmMgG]?")) {
            throw new IllegalArgumentException("'" + text + "' is no size; 64M, 1G or 33554432 would be");
        }
        char last = Character.toUpperCase(text.charAt(text.length() - 1));
        int shift = last == 'K' ? 10 : last == 'M' ? 20 : last == 'G' ? 30 : 0;
        long number = Long.parseLong(shift == 0 ? text : text.substring(0, text.length() - 1));
        return number > Long.MAX_VALUE >> shift ? Long.MAX_VALUE : number << shift;
    }

    /** Writes a number of bytes as {@link #parseSize} reads it. */
    public static String show(long bytes) {
        if (bytes >= 1L << 30 && bytes % (1L << 30) == 0) {
            return (bytes >> 30) + "G";
        }
        return bytes >= 1 << 20 && bytes % (1 << 20) == 0 ? (bytes >> 20) + "M" : Long.toString(bytes);
    }

    public static long checkRam(BoardKind kind, long bytes) {
        if (bytes > kind.maxRamBytes()) {
            String end = kind == BoardKind.FERRITE
                    ? "RAM ends where devices begin, at " + Hex.grouped(kind.maxRamBytes())
                    : "RAM begins at " + Hex.grouped(kind.ramBase()) + ", and addresses have 32 bits";
            throw new IllegalArgumentException("the " + kind.label()
                    + " board holds at most " + (kind.maxRamBytes() >> 20) + "M of RAM (" + end + ")");
        }
        if (bytes < FerriteLayout.MIN_RAM_BYTES) {
            throw new IllegalArgumentException("a machine has at least 8M of RAM");
        }
        if (bytes % PAGE != 0) {
            throw new IllegalArgumentException("RAM is made of pages of 4096 bytes");
        }
        return bytes;
    }

    public static void checkZones(long dmaEnd, long normalEnd) {
        if (dmaEnd < MIN_DMA_ZONE || dmaEnd > FerriteLayout.DMA_REACH || dmaEnd % PAGE != 0) {
            throw new IllegalArgumentException("the DMA zone ends between 1M and 16M, where the DMA controller's reach "
                    + "ends, at a multiple of 4096; not at " + show(dmaEnd));
        }
        if (normalEnd < Math.max(dmaEnd, FerriteLayout.MIN_RAM_BYTES) || normalEnd > AddressSpace.LOW_MEMORY_BYTES
                || normalEnd % PAGE != 0) {
            throw new IllegalArgumentException("the Normal zone ends between 8M and 896M, which is all that the linear "
                    + "map can show, not before the DMA zone, at a multiple of 4096; not at " + show(normalEnd));
        }
    }

    /** Checks that the records that the kernel makes of all RAM at boot lie below the end of the Normal zone. */
    static void checkBootMemory(BoardOptions options) {
        int record = PageLayout.SIZE + (options.owners() == BoardOptions.Owners.OFF ? 0 : PageOwner.SIZE);
        long records = options.ramBytes() / PAGE * record;
        long least = (records + BOOT_BYTES + (1 << 20) - 1) & -(1L << 20);
        if (Math.min(options.ramBytes(), options.normalZoneEnd()) < least) {
            throw new IllegalArgumentException("--zones normal=" + show(options.normalZoneEnd()) + ": the kernel's "
                    + "records of " + show(options.ramBytes()) + " of RAM do not fit below the end of that zone; "
                    + "normal=" + show(least) + " or more would be right, or less RAM");
        }
    }

    /** Checks the number of disks and of other devices. */
    static void checkDevices(BoardOptions options) {
        int disks = options.disks().size();
        if (disks > MAX_DISKS) {
            throw new IllegalArgumentException("--disk is given " + disks
                    + " times; the controller takes " + MAX_DISKS + " drives");
        }
        if (options.devices().size() > MAX_DEVICES) {
            throw new IllegalArgumentException("--device is given " + options.devices().size()
                    + " times; a machine takes " + MAX_DEVICES + " devices");
        }
        if (options.kind() == BoardKind.FERRITE && options.virtioDevices() > FerriteLayout.VIRTIO_SLOTS) {
            throw new IllegalArgumentException("--virtio-disk, --virtio and --net ask for " + options.virtioDevices()
                    + " devices; the ferrite board has " + FerriteLayout.VIRTIO_SLOTS + " virtio slots");
        }
        for (Fault fault : options.faults()) {
            FaultyDevice device = FaultyDevice.of(fault);
            if (!exists(options, device, fault)) {
                throw new IllegalArgumentException("--fault " + fault + ": there is no " + fault.device()
                        + "; " + device.option() + " adds it");
            }
        }
        if (options.input() == InputTarget.VIRTIO && !options.virtio().contains(VirtioKind.CONSOLE)) {
            throw new IllegalArgumentException("--input virtio: there is no virtio console; --virtio console adds one");
        }
        if (options.kind() == BoardKind.VIRT && options.hasNet(NetCard.NIC)) {
            throw new IllegalArgumentException("--net " + options.net() + ": the virt board has no such card; without "
                    + "card=nic it has one in a virtio slot");
        }
        checkSlots(options);
        int devices = disks + options.virtio().size() + (options.net() == null ? 0 : 1);
        if (options.kind() == BoardKind.VIRT && devices > VirtLayout.VIRTIO_SLOTS) {
            throw new IllegalArgumentException("--disk, --virtio and --net ask for " + devices
                    + " devices; the virt board has " + VirtLayout.VIRTIO_SLOTS + " virtio slots");
        }
    }

    private static boolean exists(BoardOptions options, FaultyDevice device, Fault fault) {
        return switch (device) {
            case DISK -> !options.disks().isEmpty();
            case VIRTIO_DISK -> fault.device().charAt(2) - 'a' < options.virtioDisks().size();
            case NETWORK -> options.net() != null;
            case SOUND -> options.sound() != null;
            case ENTROPY -> options.virtio().contains(VirtioKind.ENTROPY);
            case CONSOLE -> options.virtio().contains(VirtioKind.CONSOLE);
            case RTC -> options.hasRtc();
            default -> true;
        };
    }

    /** Checks the virtio slots that were chosen. */
    public static void checkSlots(BoardOptions options) {
        boolean[] taken = new boolean[VirtLayout.VIRTIO_SLOTS];
        for (int slot : slots(options)) {
            if (options.kind() != BoardKind.VIRT) {
                throw new IllegalArgumentException("slot=" + slot + ": only the virt board of 'ferrite boot' has slots "
                        + "to choose from");
            }
            if (slot >= VirtLayout.VIRTIO_SLOTS || taken[slot]) {
                throw new IllegalArgumentException("slot=" + slot + (slot >= VirtLayout.VIRTIO_SLOTS
                        ? ": the virt board has the slots 0 to " + (VirtLayout.VIRTIO_SLOTS - 1)
                        : " is chosen twice"));
            }
            taken[slot] = true;
        }
    }

    private static List<Integer> slots(BoardOptions options) {
        return Stream.of(options.disks().stream().map(DeviceOptions.DiskFile::slot),
                        options.virtioDisks().stream().map(DeviceOptions.DiskFile::slot),
                        options.virtio().stream().map(options::virtioSlot))
                .flatMap(slots -> slots).filter(slot -> slot != DeviceOptions.ANY_SLOT).toList();
    }
}
