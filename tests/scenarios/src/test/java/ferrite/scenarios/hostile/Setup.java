package ferrite.scenarios.hostile;

import ferrite.board.layout.BoardKind;
import ferrite.board.layout.VirtioKind;
import ferrite.board.options.BoardOptions;
import ferrite.hardware.dma.DmaPolicy;
import ferrite.hardware.turn.Interleavings;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The command line for a hostile file.
 *
 * @param snapshot     true if the file is restored instead of booted
 * @param virtio       devices in virtio slots, beside the disks of the virt board
 * @param bios         the firmware, or null if the command line names none
 * @param initrdBytes  the size of the initial RAM disk; 0 for none
 * @param appendBytes  the length of the program's command line
 * @param inputBytes   the length of standard input
 * @param instructions the maximum number of instructions; of a snapshot, in addition to those before it
 * @param resumeAt     the instruction at which the run is also saved, ended and restored, which must change nothing; -1
 *     for none
 */
record Setup(boolean snapshot, BoardKind board, int harts, long ramBytes, Interleavings interleaving,
        long seed, DmaPolicy dma, int disks, List<VirtioKind> virtio, String bios, long initrdBytes, int appendBytes,
        int inputBytes, long instructions, long resumeAt) {

    static final int DISK_BYTES = 64 << 10;

    private static final String NONE = "none";
    private static final String UNSAID = "unsaid";

    /** Returns the same machine with another command line, and empty standard input. */
    Setup booting(String firmware, long initrd, int append, long most) {
        return new Setup(false, board, harts, ramBytes, interleaving, seed, dma, disks, virtio, firmware, initrd,
                append, 0, most, -1);
    }

    /** Returns the same machine with this firmware, an instruction limit and a moment to resume at. */
    Setup started(String firmware, long most, long resume) {
        return new Setup(false, board, harts, ramBytes, interleaving, seed, dma, disks, virtio, firmware, 0, 0,
                inputBytes, most, resume);
    }

    /** Returns the same machine, restored from a file. */
    Setup restored(long more) {
        return new Setup(true, board, harts, ramBytes, interleaving, seed, dma, disks, virtio, null, 0, 0, 0, more, -1);
    }

    BoardOptions options(List<Path> diskFiles) {
        BoardOptions options = new BoardOptions().kind(board).harts(harts).ram(ramBytes).interleaving(interleaving)
                .seed(seed).dma(dma);
        diskFiles.forEach(options::disk);
        virtio.forEach(options::virtio);
        return options;
    }

    /** Returns the same machine with an instruction limit, saved at its end. */
    Setup savedAt(long moment) {
        return new Setup(snapshot, board, harts, ramBytes, interleaving, seed, dma, disks, virtio, bios, initrdBytes,
                appendBytes, inputBytes, moment, moment);
    }

    // ---- as text, for the corpus and for a person ----

    Map<String, String> toWords() {
        Map<String, String> words = new TreeMap<>();
        words.put("snapshot", Boolean.toString(snapshot));
        words.put("board", board.label());
        words.put("harts", Integer.toString(harts));
        words.put("ram", Long.toString(ramBytes));
        words.put("interleaving", interleaving.name().toLowerCase(Locale.ROOT));
        words.put("seed", Long.toString(seed));
        words.put("dma", dma.name().toLowerCase(Locale.ROOT));
        words.put("disks", Integer.toString(disks));
        words.put("virtio", virtio.isEmpty() ? NONE : virtio.stream().map(kind -> kind.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(",")));
        words.put("bios", bios == null ? UNSAID : bios);
        words.put("initrd", Long.toString(initrdBytes));
        words.put("append", Integer.toString(appendBytes));
        words.put("input", Integer.toString(inputBytes));
        words.put("instructions", Long.toString(instructions));
        words.put("resume-at", Long.toString(resumeAt));
        return words;
    }

    static Setup of(Map<String, String> words) {
        return new Setup(Boolean.parseBoolean(words.get("snapshot")),
                BoardKind.valueOf(words.get("board").toUpperCase(Locale.ROOT)),
                Integer.parseInt(words.get("harts")), Long.parseLong(words.get("ram")),
                Interleavings.valueOf(words.get("interleaving").toUpperCase(Locale.ROOT)),
                Long.parseLong(words.get("seed")), DmaPolicy.valueOf(words.get("dma").toUpperCase(Locale.ROOT)),
                Integer.parseInt(words.get("disks")), virtioOf(words.getOrDefault("virtio", NONE)),
                biosOf(words.getOrDefault("bios", UNSAID)),
                Long.parseLong(words.get("initrd")), Integer.parseInt(words.get("append")),
                Integer.parseInt(words.get("input")), Long.parseLong(words.get("instructions")),
                Long.parseLong(words.get("resume-at")));
    }

    private static List<VirtioKind> virtioOf(String names) {
        return names.equals(NONE) ? List.of() : Stream.of(names.split(","))
                .map(name -> VirtioKind.valueOf(name.toUpperCase(Locale.ROOT))).toList();
    }

    private static String biosOf(String word) {
        return word.equals(UNSAID) ? null : word;
    }
}
