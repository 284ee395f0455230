package ferrite.board;

import ferrite.hardware.report.Hex;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.Parameter;
import java.util.ArrayList;
import java.util.List;

/** What a board can be asked for; each check throws {@link IllegalArgumentException} with a sentence. */
public final class BoardLimits {

    public static final int MOST_DISKS = 16;

    private static final long PAGE = 4096;
    private static final long LEAST_DMA_ZONE = 1L << 20;

    private BoardLimits() { }

    /** A number of bytes as a person writes it: K, M and G count in 1024s, in either case; a bare number is bytes. */
    public static long parseSize(String text) {
        if (!text.matches("[0-9]{1,12}[kKmMgG]?")) {
            throw new IllegalArgumentException("'" + text + "' is no size; 64M, 1G or 33554432 would be");
        }
        char last = Character.toUpperCase(text.charAt(text.length() - 1));
        int shift = last == 'K' ? 10 : last == 'M' ? 20 : last == 'G' ? 30 : 0;
        long number = Long.parseLong(shift == 0 ? text : text.substring(0, text.length() - 1));
        return number > Long.MAX_VALUE >> shift ? Long.MAX_VALUE : number << shift;
    }

    public static long checkRam(long bytes) {
        return checkRam(BoardKind.FERRITE, bytes);
    }

    public static long checkRam(BoardKind kind, long bytes) {
        if (bytes > kind.ramMost()) {
            String end = kind == BoardKind.FERRITE ? "RAM ends where devices begin, at " + Hex.grouped(kind.ramMost())
                    : "RAM begins at " + Hex.grouped(kind.ramBase()) + ", and addresses have 32 bits";
            throw new IllegalArgumentException("--ram " + show(bytes) + ": the " + kind.label() + " board holds at most " + (kind.ramMost() >> 20)
                    + "M of RAM (" + end + ")");
        }
        if (bytes < FerriteLayout.RAM_LEAST) {
            throw new IllegalArgumentException("--ram " + show(bytes) + ": a machine has at least 8M");
        }
        if (bytes % PAGE != 0) {
            throw new IllegalArgumentException("--ram " + bytes + ": RAM is made of pages of 4096 bytes");
        }
        return bytes;
    }

    public static void checkZones(long dmaEnd, long normalEnd) {
        if (dmaEnd < LEAST_DMA_ZONE || dmaEnd > FerriteLayout.DMA_REACH || dmaEnd % PAGE != 0) {
            throw new IllegalArgumentException("--zones dma=" + show(dmaEnd) + ": the DMA zone ends between 1M and 16M, where the DMA controller's reach ends, "
                    + "at a multiple of 4096");
        }
        if (normalEnd < Math.max(dmaEnd, FerriteLayout.RAM_LEAST) || normalEnd > AddressSpace.LOW_MEMORY_BYTES || normalEnd % PAGE != 0) {
            throw new IllegalArgumentException("--zones normal=" + show(normalEnd) + ": the Normal zone ends between 8M and 896M, which is what the "
                    + "linear map can show, not before the DMA zone, at a multiple of 4096");
        }
    }

    /** Checks {@code DRIVER.PARAMETER} and its value against what the drivers declare. */
    public static void checkParameter(String name, String value) {
        int dot = name.indexOf('.');
        List<String> known = new ArrayList<>();
        for (Driver driver : Board.builtInDrivers()) {
            for (Parameter parameter : driver.parameters()) {
                String full = driver.name() + "." + parameter.name();
                known.add(full);
                if (dot > 0 && full.equals(name)) {
                    requireOneWord(full, value);
                    parameter.check().accept(value);
                    return;
                }
            }
        }
        throw new IllegalArgumentException("no driver has a parameter " + name + "; there is " + String.join(", ", known));
    }

    /** It travels on the kernel's command line, where a blank ends it. */
    private static void requireOneWord(String name, String value) {
        if (value.codePoints().anyMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c))) {
            throw new IllegalArgumentException(name + "=" + value + ": a value has no blanks, for example disk.gfp=GFP_KERNEL|GFP_DMA");
        }
    }

    /** The virt board has a slot for each of its disks and other virtio devices. */
    public static void checkVirtio(BoardOptions options) {
        if (options.disks.size() + options.virtio.size() > VirtLayout.VIRTIO_SLOTS) {
            throw new IllegalArgumentException("--disk and --virtio ask for " + (options.disks.size() + options.virtio.size()) + " devices; the virt board has "
                    + VirtLayout.VIRTIO_SLOTS + " virtio slots");
        }
    }

    static String show(long bytes) {
        if (bytes >= 1L << 30 && bytes % (1L << 30) == 0) {
            return (bytes >> 30) + "G";
        }
        return bytes >= 1 << 20 && bytes % (1 << 20) == 0 ? (bytes >> 20) + "M" : Long.toString(bytes);
    }
}
