package ferrite.hardware.elf;

/**
 * The file header, with every field checked. Both of its tables lie inside the file.
 *
 * <pre>
 * offset 0 e_ident[16] | 16 e_type | 18 e_machine | 20 e_version | 24 e_entry | 28 e_phoff | 32 e_shoff | 36 e_flags
 *       40 e_ehsize | 42 e_phentsize | 44 e_phnum | 46 e_shentsize | 48 e_shnum | 50 e_shstrndx | 52 end
 * </pre>
 */
record ElfHeader(boolean movable, long entry, int programHeaders, int programHeaderCount, int sectionHeaders,
        int sectionHeaderCount) {
    static final int BYTES = 52;
    static final int PROGRAM_HEADER_BYTES = 32;
    static final int SECTION_HEADER_BYTES = 40;

    private static final int ELFCLASS32 = 1;
    private static final int ELFDATA2LSB = 1;
    private static final int EV_CURRENT = 1;
    private static final int ELFOSABI_NONE = 0;
    private static final int ELFOSABI_GNU = 3;
    private static final int ET_EXEC = 2;
    private static final int ET_DYN = 3;
    private static final int EM_RISCV = 243;
    private static final int IDENT_PADDING = 8;
    private static final int IDENT_BYTES = 16;

    /** Values that mean "see section header 0". Only files with more than 65,000 headers use them. */
    private static final int PN_XNUM = 0xffff;
    private static final int SHN_LORESERVE = 0xff00;

    /**
     * The flags of e_flags (RISC-V ELF psABI, "File Header"):
     *
     * <pre>
     *  31   6    5         4     3      2..1         0
     * | zero | RV64ILP32 | TSO | RVE | float ABI | compressed |
     * </pre>
     */
    private static final int EF_RISCV_FLOAT_ABI = 0x6;
    private static final int EF_RISCV_RUNNABLE = 0x1f;

    static ElfHeader read(ElfFile elf) {
        checkIdent(elf);
        checkTarget(elf);
        elf.requireEqual("e_ehsize", elf.half(40), BYTES, "the size of an ELF32 header");
        int programHeaderCount = programHeaderCount(elf);
        int programHeaders = elf.requireInside("the table of program headers (e_phoff, e_phnum)",
                elf.word(28), (long) programHeaderCount * PROGRAM_HEADER_BYTES);
        int sectionHeaderCount = sectionHeaderCount(elf);
        int sectionHeaders = elf.requireInside("the table of section headers (e_shoff, e_shnum)",
                elf.word(32), (long) sectionHeaderCount * SECTION_HEADER_BYTES);
        return new ElfHeader(elf.half(16) == ET_DYN, elf.word(24), programHeaders, programHeaderCount, sectionHeaders,
                sectionHeaderCount);
    }

    private static void checkIdent(ElfFile elf) {
        if (!ElfImage.isElf(elf.bytes())) {
            throw elf.fault("this is not an ELF file, which would start with the bytes 7f 45 4c 46");
        }
        elf.requireInside("the ELF header", 0, BYTES);
        elf.requireEqual("EI_CLASS", elf.byteAt(4), ELFCLASS32, "ELFCLASS32: this is a 32-bit machine");
        elf.requireEqual("EI_DATA", elf.byteAt(5), ELFDATA2LSB, "ELFDATA2LSB: little-endian");
        elf.requireEqual("EI_VERSION", elf.byteAt(6), EV_CURRENT, "EV_CURRENT");
        if (elf.byteAt(7) != ELFOSABI_NONE && elf.byteAt(7) != ELFOSABI_GNU) {
            throw elf.fault("EI_OSABI is 0x%x; it should be 0 (System V) or 3 (GNU)", elf.byteAt(7));
        }
        for (int i = IDENT_PADDING; i < IDENT_BYTES; i++) {
            elf.requireEqual("e_ident[" + i + "]", elf.byteAt(i), 0,
                    "EI_ABIVERSION and the bytes after it are not used");
        }
    }

    private static void checkTarget(ElfFile elf) {
        if (elf.half(16) != ET_EXEC && elf.half(16) != ET_DYN) {
            throw elf.fault("e_type is 0x%x; it should be 2 (ET_EXEC) or 3 (ET_DYN): a linked executable",
                    elf.half(16));
        }
        elf.requireEqual("e_machine", elf.half(18), EM_RISCV, "EM_RISCV");
        elf.requireEqual("e_version", elf.word(20), EV_CURRENT, "EV_CURRENT");
        long flags = elf.word(36);
        if ((flags & EF_RISCV_FLOAT_ABI) != 0) {
            throw elf.fault("e_flags is 0x%x, which asks for floating-point registers; compile with -mabi=ilp32",
                    flags);
        }
        if ((flags & ~EF_RISCV_RUNNABLE) != 0) {
            throw elf.fault("e_flags is 0x%x; only its bits 0 to 4 should be used", flags);
        }
    }

    private static int programHeaderCount(ElfFile elf) {
        int count = elf.half(44);
        if (count == 0 || count == PN_XNUM) {
            throw elf.fault("e_phnum is %d; an executable should have from 1 to 65534 program headers", count);
        }
        elf.requireEqual("e_phentsize", elf.half(42), PROGRAM_HEADER_BYTES, "the size of an ELF32 program header");
        return count;
    }

    private static int sectionHeaderCount(ElfFile elf) {
        int count = elf.half(48);
        int namesIndex = elf.half(50);
        if (count == 0) {
            elf.requireEqual("e_shoff", elf.word(32), 0, "e_shnum is 0, so there are no section headers");
            elf.requireEqual("e_shstrndx", namesIndex, 0, "e_shnum is 0, so there are no section headers");
            return 0;
        }
        if (count >= SHN_LORESERVE) {
            throw elf.fault("e_shnum is %d; an executable should have fewer than 65280 section headers", count);
        }
        elf.requireEqual("e_shentsize", elf.half(46), SECTION_HEADER_BYTES, "the size of an ELF32 section header");
        if (namesIndex >= count) {
            throw elf.fault("e_shstrndx is %d; it should be less than e_shnum, %d", namesIndex, count);
        }
        return count;
    }
}
