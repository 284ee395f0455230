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
 * The command line that goes with a hostile file.
 *
 * @param snapshot     whether the file is restored, rather than booted
 * @param virtio       in virtio slots, beside the disks of the virt board
 * @param bios         the firmware, or null where nothing is said about one
 * @param initrdBytes  0 for none
 * @param appendBytes  how long the program's command line is
 * @param inputBytes   how much there is at standard input
 * @param instructions what the run may execute; of a snapshot, beyond what it has executed
 * @param resumeAt     where the run is also saved, ended and restored, which has to make no difference; -1 for nowhere
 */
record Setup(boolean snapshot, BoardKind board, int harts, long ramBytes, Interleavings interleaving, long seed, DmaPolicy dma, int disks,
             List<VirtioKind> virtio, String bios, long initrdBytes, int appendBytes, int inputBytes, long instructions, long resumeAt) {

    static final int DISK_BYTES = 64 << 10;

    private static final String NONE = "none";
    private static final String UNSAID = "unsaid";

    /** The same machine, with other things on its command line, and nothing at standard input. */
    Setup booting(String firmware, long initrd, int append, long most) {
        return new Setup(false, board, harts, ramBytes, interleaving, seed, dma, disks, virtio, firmware, initrd, append, 0, most, -1);
    }

    /** The same machine, with this firmware and so many instructions, resumed as before. */
    Setup started(String firmware, long most, long resume) {
        return new Setup(false, board, harts, ramBytes, interleaving, seed, dma, disks, virtio, firmware, 0, 0, inputBytes, most, resume);
    }

    /** The same machine, restored from a file. */
    Setup restored(long more) {
        return new Setup(true, board, harts, ramBytes, interleaving, seed, dma, disks, virtio, null, 0, 0, 0, more, -1);
    }

    BoardOptions options(List<Path> diskFiles) {
        BoardOptions options = new BoardOptions().kind(board).harts(harts).ram(ramBytes).interleaving(interleaving).seed(seed).dma(dma);
        diskFiles.forEach(options::disk);
        virtio.forEach(options::virtio);
        return options;
    }

    /** The same machine, for so many instructions, and saved after them. */
    Setup savedAt(long moment) {
        return new Setup(snapshot, board, harts, ramBytes, interleaving, seed, dma, disks, virtio, bios, initrdBytes, appendBytes, inputBytes, moment, moment);
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
        words.put("virtio", virtio.isEmpty() ? NONE : virtio.stream().map(kind -> kind.name().toLowerCase(Locale.ROOT)).collect(Collectors.joining(",")));
        words.put("bios", bios == null ? UNSAID : bios);
        words.put("initrd", Long.toString(initrdBytes));
        words.put("append", Integer.toString(appendBytes));
        words.put("input", Integer.toString(inputBytes));
        words.put("instructions", Long.toString(instructions));
        words.put("resume-at", Long.toString(resumeAt));
        return words;
    }

    static Setup of(Map<String, String> words) {
        return new Setup(Boolean.parseBoolean(words.get("snapshot")), BoardKind.valueOf(words.get("board").toUpperCase(Locale.ROOT)),
                Integer.parseInt(words.get("harts")), Long.parseLong(words.get("ram")),
                Interleavings.valueOf(words.get("interleaving").toUpperCase(Locale.ROOT)), Long.parseLong(words.get("seed")),
                DmaPolicy.valueOf(words.get("dma").toUpperCase(Locale.ROOT)), Integer.parseInt(words.get("disks")), virtioOf(words.getOrDefault("virtio", NONE)),
                biosOf(words.getOrDefault("bios", UNSAID)), Long.parseLong(words.get("initrd")), Integer.parseInt(words.get("append")),
                Integer.parseInt(words.get("input")), Long.parseLong(words.get("instructions")),
                Long.parseLong(words.get("resume-at")));
    }

    private static List<VirtioKind> virtioOf(String names) {
        return names.equals(NONE) ? List.of() : Stream.of(names.split(",")).map(name -> VirtioKind.valueOf(name.toUpperCase(Locale.ROOT))).toList();
    }

    private static String biosOf(String word) {
        return word.equals(UNSAID) ? null : word;
    }
}
