package ferrite.hardware.elf;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Reader for the program headers.
 *
 * <pre>
 * offset 0 p_type | 4 p_offset | 8 p_vaddr | 12 p_paddr | 16 p_filesz | 20 p_memsz | 24 p_flags | 28 p_align | 32 end
 * </pre>
 */
final class ElfSegments {
    private static final int PT_LOAD = 1;
    private static final int PT_INTERP = 3;
    private static final int PF_ALL = Segment.PF_R | Segment.PF_W | Segment.PF_X;
    private static final long ADDRESS_SPACE_END = 1L << 32;

    private ElfSegments() {
    }

    static List<Segment> read(ElfFile elf, ElfHeader header) {
        List<Segment> segments = new ArrayList<>();
        for (int i = 0; i < header.programHeaderCount(); i++) {
            int at = header.programHeaders() + i * ElfHeader.PROGRAM_HEADER_BYTES;
            if (elf.word(at) == PT_INTERP) {
                throw elf.fault("program header %d is PT_INTERP: the image needs a dynamic linker, and there is "
                        + "none; link with -static", i);
            }
            if (elf.word(at) == PT_LOAD && elf.word(at + 20) + elf.word(at + 16) > 0) {
                segments.add(segment(elf, i, at));
            }
        }
        if (segments.isEmpty()) {
            throw elf.fault("none of the %d program headers is a PT_LOAD that takes up memory; there should be at "
                    + "least one", header.programHeaderCount());
        }
        refuseOverlaps(elf, segments);
        refuseSharedBytes(elf, segments);
        checkEntry(elf, header, segments);
        return segments;
    }

    private static Segment segment(ElfFile elf, int index, int at) {
        long fileSize = elf.word(at + 16);
        int offset = elf.requireInside("segment " + index + " (p_offset, p_filesz)", elf.word(at + 4), fileSize);
        Segment segment = new Segment(elf.word(at + 12), elf.word(at + 8), elf.bytes(), offset, (int) fileSize,
                elf.word(at + 20), (int) elf.word(at + 24));
        if (segment.memSize() < fileSize) {
            throw elf.fault("p_memsz of segment %d is 0x%x; it should be at least p_filesz, 0x%x", index,
                    segment.memSize(), fileSize);
        }
        if ((segment.flags() & ~PF_ALL) != 0) {
            throw elf.fault("p_flags of segment %d is 0x%x; only PF_X (1), PF_W (2) and PF_R (4) should be used",
                    index, segment.flags());
        }
        checkEnd(elf, index, "p_paddr", segment.pa(), segment.memSize());
        checkEnd(elf, index, "p_vaddr", segment.va(), segment.memSize());
        checkAlignment(elf, index, elf.word(at + 28), segment);
        return segment;
    }

    private static void checkEnd(ElfFile elf, int index, String field, long address, long memSize) {
        if (address + memSize > ADDRESS_SPACE_END) {
            throw elf.fault("segment %d takes 0x%x bytes at %s 0x%x; it should end within 32-bit addresses", index,
                    memSize, field, address);
        }
    }

    /**
     * Checks that p_vaddr and p_offset are congruent modulo p_align, unless that is 0 or 1 (System V ABI, "Program
     * Header").
     */
    private static void checkAlignment(ElfFile elf, int index, long alignment, Segment segment) {
        if ((alignment & alignment - 1) != 0) {
            throw elf.fault("p_align of segment %d is 0x%x; it should be a power of two", index, alignment);
        }
        if (alignment > 1 && (segment.va() - segment.offset()) % alignment != 0) {
            throw elf.fault("p_vaddr of segment %d is 0x%x; it should equal p_offset, 0x%x, modulo p_align, 0x%x",
                    index, segment.va(), segment.offset(), alignment);
        }
    }

    private static void refuseOverlaps(ElfFile elf, List<Segment> segments) {
        List<Segment> sorted = new ArrayList<>(segments);
        sorted.sort(Comparator.comparingLong(Segment::pa));
        for (int i = 1; i < sorted.size(); i++) {
            if (sorted.get(i - 1).endPa() > sorted.get(i).pa()) {
                throw elf.fault(
                        "two segments overlap, one at %s, one at %s; each should have physical addresses of its own",
                        sorted.get(i - 1), sorted.get(i));
            }
        }
    }

    /**
     * Refuses segments that share bytes of the file. No linker makes them, and a hostile file could demand gigabytes of
     * copying with them.
     */
    private static void refuseSharedBytes(ElfFile elf, List<Segment> segments) {
        long total = segments.stream().mapToLong(Segment::fileSize).sum();
        if (total > elf.length()) {
            throw elf.fault("p_filesz of all segments together is 0x%x; it should be at most the size of the "
                    + "file, 0x%x", total, elf.length());
        }
    }

    /** Checks the entry. Linkers make files whose segments have no p_flags, and a bare machine needs none. */
    private static void checkEntry(ElfFile elf, ElfHeader header, List<Segment> segments) {
        long entry = header.entry();
        if (entry % 2 != 0) {
            throw elf.fault("e_entry is 0x%x; it should be even, as the address of every instruction is", entry);
        }
        if (segments.stream().noneMatch(segment -> segment.containsVa(entry) || segment.containsPa(entry))) {
            throw elf.fault("e_entry is 0x%x; it should lie in a segment", entry);
        }
    }
}
