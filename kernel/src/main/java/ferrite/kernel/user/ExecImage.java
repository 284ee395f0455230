package ferrite.kernel.user;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The headers of an ELF program, which are hostile: each number is checked before it is used.
 *
 * @param entry       the address of the first instruction
 * @param headersVa   the address at which the program finds its program headers, or 0
 * @param headerCount their number
 * @param segments    the parts to map, by address
 * @param bias        the number that is added to each address of a position-independent program
 */
record ExecImage(long entry, long headersVa, int headerCount, List<Segment> segments, long bias) {

    static final int HEADER_BYTES = 52;
    static final int PROGRAM_HEADER_BYTES = 32;

    private static final int PAGE = 4096;
    private static final int ELF_MAGIC = 0x464c_457f;
    private static final int CLASS_32_LITTLE_V1 = 0x0001_0101;
    private static final int ET_EXEC = 2;
    private static final int ET_DYN = 3;
    private static final int EM_RISCV = 243;
    private static final int MAX_HEADERS = 64;
    private static final int PT_LOAD = 1;
    private static final int PT_INTERP = 3;
    private static final int PT_PHDR = 6;
    private static final int PF_X = 1;
    private static final int PF_W = 2;
    private static final int PF_R = 4;
    private static final long DYNAMIC_BASE = 0x1_0000L;
    /** Above are the stack and the page with the kernel's code. */
    private static final long END = InitialStack.LOWEST;

    /** A segment: its file bytes and its memory, with Linux's {@code VM_READ} and its kin as flags. */
    record Segment(long va, long offset, long fileBytes, long memoryBytes, int flags) {

        long end() {
            return va + memoryBytes;
        }
    }

    /** A program that cannot be executed. The message says why. */
    static final class BadImage extends Exception {

        private static final long serialVersionUID = 1;

        BadImage(String why) {
            super(why, null, false, false);
        }
    }

    /** Returns the number of bytes from the start of the file that {@link #of} needs, from its first bytes. */
    static int headerBytes(byte[] first) throws BadImage {
        ByteBuffer elf = ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN);
        if (first.length < HEADER_BYTES || elf.getInt(0) != ELF_MAGIC) {
            throw new BadImage("it is no ELF file");
        }
        if ((elf.getInt(4) & 0xff_ffff) != CLASS_32_LITTLE_V1 || elf.getShort(18) != EM_RISCV) {
            throw new BadImage("it is no program for 32-bit RISC-V: compile with -march=rv32imac -mabi=ilp32");
        }
        int type = elf.getShort(16);
        if (type != ET_EXEC && type != ET_DYN) {
            throw new BadImage("it is not linked: its ELF type is " + type + ", not EXEC");
        }
        int count = elf.getShort(44) & 0xffff;
        long offset = elf.getInt(28) & 0xffff_ffffL;
        if (count == 0 || count > MAX_HEADERS || elf.getShort(42) != PROGRAM_HEADER_BYTES || offset > PAGE) {
            throw new BadImage("it has " + count + " program headers at byte " + offset + ", where 1 to " + MAX_HEADERS
                    + " near its beginning are expected");
        }
        return (int) offset + count * PROGRAM_HEADER_BYTES;
    }

    /** Reads the headers. {@code bytes} are the first ones of the file, as many as {@link #headerBytes} says. */
    static ExecImage of(byte[] bytes, long fileBytes) throws BadImage {
        ByteBuffer elf = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long bias = elf.getShort(16) == ET_DYN ? DYNAMIC_BASE : 0;
        int offset = elf.getInt(28);
        int count = elf.getShort(44);
        List<Segment> segments = new ArrayList<>();
        long headersVa = 0;
        for (int i = 0; i < count; i++) {
            int at = offset + i * PROGRAM_HEADER_BYTES;
            switch (elf.getInt(at)) {
                case PT_LOAD -> addSegment(segments, elf, at, bias, fileBytes);
                case PT_INTERP -> throw new BadImage("it is linked dynamically: link with -static");
                case PT_PHDR -> headersVa = (elf.getInt(at + 8) & 0xffff_ffffL) + bias;
                default -> { }
            }
        }
        if (segments.isEmpty()) {
            throw new BadImage("it has no segment to load");
        }
        for (Segment segment : segments) {
            boolean holdsHeaders = segment.offset <= offset
                    && segment.offset + segment.fileBytes >= (long) offset + count * PROGRAM_HEADER_BYTES;
            headersVa = headersVa == 0 && holdsHeaders ? segment.va + offset - segment.offset : headersVa;
        }
        return new ExecImage((elf.getInt(24) & 0xffff_ffffL) + bias, headersVa, count, List.copyOf(segments), bias);
    }

    private static void addSegment(List<Segment> segments, ByteBuffer elf, int at, long bias, long fileBytes)
            throws BadImage {
        long va = (elf.getInt(at + 8) & 0xffff_ffffL) + bias;
        int access = elf.getInt(at + 24);
        int flags = ((access & PF_R) != 0 ? 1 : 0) | ((access & PF_W) != 0 ? 2 : 0) | ((access & PF_X) != 0 ? 4 : 0);
        Segment segment = new Segment(va, elf.getInt(at + 4) & 0xffff_ffffL, elf.getInt(at + 16) & 0xffff_ffffL,
                elf.getInt(at + 20) & 0xffff_ffffL, flags);
        if (segment.memoryBytes == 0) {
            return;
        }
        if (segment.fileBytes > segment.memoryBytes || segment.offset + segment.fileBytes > fileBytes) {
            throw new BadImage("a segment has " + segment.fileBytes + " bytes at byte " + segment.offset
                    + ", more than the file or its " + segment.memoryBytes + " bytes of memory");
        }
        if (va < DYNAMIC_BASE || segment.end() > END) {
            throw new BadImage("a segment is at 0x" + Long.toHexString(va) + ": link it between 0x"
                    + Long.toHexString(DYNAMIC_BASE) + " and 0x" + Long.toHexString(END));
        }
        if (segment.fileBytes > 0 && va % PAGE != segment.offset % PAGE) {
            throw new BadImage("a segment's address and its place in the file differ modulo " + PAGE
                    + ": link without --nmagic");
        }
        if (!segments.isEmpty() && (va & -PAGE) < segments.get(segments.size() - 1).end()) {
            throw new BadImage("two segments share the page at 0x" + Long.toHexString(va & -PAGE)
                    + ", or are not in order");
        }
        segments.add(segment);
    }
}
