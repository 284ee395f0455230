package ferrite.kernel.symbols;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.dwarf.CMember;
import ferrite.hardware.dwarf.CProgram;
import ferrite.hardware.dwarf.CPrototype;
import ferrite.hardware.dwarf.CallFrames;
import ferrite.hardware.elf.ElfWriter;
import ferrite.hardware.elf.LittleEndian;
import ferrite.hardware.elf.Symbol;
import ferrite.hardware.hart.Gate;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.dma.DmaStructs;
import ferrite.kernel.driver.Exports;
import ferrite.kernel.mm.MmStructs;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The mini-kernel as an ELF file for GDB: symbols and types, and no code.
 *
 * <pre>
 *  .bss    the linear map: a variable for each field of the root page, and mem_map, zones and other tables as arrays
 *  .gate   the gate: entry, trap vector, and the callbacks that have text addresses
 *  .text   the end of the gate: the kernel's calls ({@link Exports})
 *  .debug  every record that has a {@link Struct}, the variables, and the prototypes of the calls; and how a debugger
 *          gets from a call to its callback
 * </pre>
 *
 * A call has a {@code ret} for each of its instructions. GDB looks for the end of a function's prologue before it sets
 * a breakpoint, and a return is the end.
 */
public final class KernelSymbols {

    private static final String SCRIPT = "ferrite-gdb.py";
    private static final int INSTRUCTION_BYTES = 4;
    /** {@code ret}, that is {@code jalr zero, 0(ra)}. */
    private static final int RET = 0x0000_8067;

    private final ElfWriter elf = new ElfWriter(Integer.toUnsignedLong(Gate.ENTRY));
    private final CProgram program = new CProgram("ferrite mini-kernel", "ferrite " + Kernel.VERSION, Gate.BASE,
            Gate.END - Gate.BASE);
    /** The names that are taken: a function and a variable of one name would hide each other. */
    private final Set<String> names = new TreeSet<>();

    private KernelSymbols() { }

    /**
     * Makes the file for a machine that has booted the kernel. Equal machines give equal bytes. Only looks; only the
     * thread that holds the turn may call this, or the controller while the machine stands still.
     *
     * @param view reads the machine's memory by virtual addresses, as {@code machine.peek(0)} does
     */
    public static byte[] elf(Kernel kernel, ReadableMemory view) {
        if (!kernel.isUp()) {
            throw new IllegalStateException("the kernel has not booted yet: its variables have no addresses");
        }
        long root = kernel.base().root();
        Collection<Struct> structs = KernelStructs.all(kernel.drivers().core().drivers());
        KernelSymbols symbols = new KernelSymbols();
        symbols.addTypes(structs);
        symbols.addEnumerations();
        symbols.addText(kernel.base().text());
        symbols.addVariables(Variable.all(structs, view, root),
                RootLayout.LOW_FRAMES.get(view, root) << AddressSpace.PAGE_SHIFT);
        symbols.program.write(symbols.elf);
        new CallFrames().leaves(Gate.JAVA & 0xffff_ffffL, INSTRUCTION_BYTES)
                .outermost(Gate.ENTRY & 0xffff_ffffL, INSTRUCTION_BYTES)
                .leaves(Gate.TRAP_VECTOR & 0xffff_ffffL, INSTRUCTION_BYTES)
                .outermost(Gate.TEXT, Gate.CALLS - Gate.TEXT)
                .leaves(Gate.CALLS, Gate.END - Gate.CALLS).write(symbols.elf);
        return symbols.elf.toBytes();
    }

    /** Returns the Python file with the commands for GDB, which needs the types of {@link #elf}. */
    public static byte[] script() {
        try (InputStream resource = KernelSymbols.class.getResourceAsStream(SCRIPT)) {
            if (resource == null) {
                throw new IllegalStateException("the class path has no resource ferrite/kernel/symbols/" + SCRIPT
                        + ", which the module kernel should contain; rebuild that module");
            }
            return resource.readAllBytes();
        } catch (IOException failure) {
            throw new UncheckedIOException(SCRIPT + " cannot be read from the class path", failure);
        }
    }

    private void addTypes(Collection<Struct> structs) {
        program.typedef("size_t", "unsigned int");
        program.typedef("gfp_t", "unsigned int");
        program.typedef("phys_addr_t", "unsigned int");
        program.typedef("dma_addr_t", "unsigned int");
        program.typedef("loff_t", "long long");
        program.typedef("dev_t", "unsigned int");
        program.typedef("bool", "_Bool");
        program.typedef("callback_t", "void (*)()");
        for (Struct struct : structs) {
            List<CMember> members = struct.fields().stream().map(field -> new CMember(field.name(), field.type(),
                    field.offset(), field.width(), field.count())).toList();
            program.struct(struct.name(), struct.size(), members);
        }
    }

    private void addEnumerations() {
        Map<String, Long> gfp = new LinkedHashMap<>();
        Gfp.byName().forEach((name, bits) -> gfp.put(name, Integer.toUnsignedLong(bits)));
        program.enumeration("gfp_flags", gfp);
        program.enumeration("pageflags", MmStructs.pageFlags());
        program.enumeration("dma_data_direction", DmaStructs.directions());
        Map<String, Long> constants = MmStructs.constants();
        constants.put("ROOT_MAGIC", (long) RootLayout.MAGIC_VALUE);
        constants.put("PAGE_SHIFT", (long) AddressSpace.PAGE_SHIFT);
        constants.put("PAGE_OFFSET", AddressSpace.PAGE_OFFSET);
        constants.put("VMALLOC_START", AddressSpace.VMALLOC_START);
        constants.put("VMALLOC_END", AddressSpace.VMALLOC_END);
        constants.put("TICKS_PER_SECOND", (long) Clock.TICKS_PER_SECOND);
        constants.put("TASK_RUNNING", (long) TaskLayout.RUNNING);
        constants.put("TASK_INTERRUPTIBLE", (long) TaskLayout.INTERRUPTIBLE);
        constants.put("TASK_UNINTERRUPTIBLE", (long) TaskLayout.UNINTERRUPTIBLE);
        constants.put("EXIT_ZOMBIE", (long) TaskLayout.ZOMBIE);
        program.enumeration("kernel_constants", constants);
    }

    private void addText(TextTable text) {
        int gate = elf.memory(".gate", Gate.BASE, Gate.CALLS - Gate.BASE, ElfWriter.TEXT);
        function("_start", Gate.ENTRY, INSTRUCTION_BYTES, gate);
        function("java_kernel", Gate.JAVA, INSTRUCTION_BYTES, gate);
        function("handle_exception", Gate.TRAP_VECTOR, INSTRUCTION_BYTES, gate);
        for (TextTable.Callback callback : text.callbacks()) {
            function(callback.name(), callback.address(), INSTRUCTION_BYTES, gate);
        }
        List<Exports.Export> exports = Exports.all();
        int calls = elf.memory(".text", Gate.CALLS, returns(exports.size() * Exports.BYTES), ElfWriter.TEXT);
        for (Exports.Export export : exports) {
            CPrototype prototype = CPrototype.parse(export.declaration());
            program.function(prototype, export.address(), Exports.BYTES);
            function(prototype.name(), export.address(), Exports.BYTES, calls);
        }
    }

    private static byte[] returns(int bytes) {
        LittleEndian text = new LittleEndian();
        while (text.size() < bytes) {
            text.u32(RET);
        }
        return text.toBytes();
    }

    private void function(String name, long address, int bytes, int memory) {
        names.add(name);
        elf.symbol(new Symbol(name, address, bytes, Symbol.STT_FUNC), memory);
    }

    /** Adds the variables. GDB finds a field of the root page that has a function's name through {@code root} only. */
    private void addVariables(Collection<Variable> variables, long lowBytes) {
        int memory = elf.memory(".bss", AddressSpace.PAGE_OFFSET, lowBytes, ElfWriter.DATA);
        for (Variable variable : variables) {
            if (names.add(variable.name())) {
                if (variable.count() == 0) {
                    program.variable(variable.name(), variable.type(), variable.address());
                } else {
                    program.array(variable.name(), variable.type(), variable.count(), variable.address());
                }
                elf.symbol(new Symbol(variable.name(), variable.address(), variable.bytes(), Symbol.STT_OBJECT),
                        memory);
            }
        }
    }
}
