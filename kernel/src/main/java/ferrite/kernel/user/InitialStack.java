package ferrite.kernel.user;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.vm.AddressSpaces.Placement;
import ferrite.kernel.vm.AddressSpaces.Wish;
import ferrite.kernel.vm.MmLayout;
import ferrite.kernel.vm.UserMemory;
import ferrite.kernel.vm.VmFlags;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The stack that a program begins with, as the RISC-V psABI has it:
 *
 * <pre>
 *  sp: argc | argv … 0 | envp … 0 | auxv: pairs of type and value … 0 0 | … | strings
 * </pre>
 */
final class InitialStack {

    private static final int STACK_BYTES = 3 << 20;
    /** The first address of the stack that a program begins with. */
    static final long LOWEST = Exec.VDSO - STACK_BYTES;
    private static final int RANDOM_BYTES = 16;
    private static final int ALIGNMENT = 16;
    private static final int USER_HZ = 100;

    private static final int AT_NULL = 0;
    private static final int AT_PHDR = 3;
    private static final int AT_PHENT = 4;
    private static final int AT_PHNUM = 5;
    private static final int AT_PAGESZ = 6;
    private static final int AT_ENTRY = 9;
    private static final int AT_UID = 11;
    private static final int AT_EUID = 12;
    private static final int AT_GID = 13;
    private static final int AT_EGID = 14;
    private static final int AT_HWCAP = 16;
    private static final int AT_CLKTCK = 17;
    private static final int AT_SECURE = 23;
    private static final int AT_RANDOM = 25;
    private static final int AT_EXECFN = 31;
    /** I, M, A and C: bit N is the N-th letter. */
    private static final int HWCAP = 1 << 'I' - 'A' | 1 << 'M' - 'A' | 1 << 'A' - 'A' | 1 << 'C' - 'A';

    private final UserServices services;
    private final KernelMemory memory;
    private final UserMemory user;
    private long at;

    InitialStack(UserServices services) {
        this.services = services;
        this.memory = services.memory();
        this.user = services.space().memory();
        this.at = Exec.VDSO;
    }

    /** Maps and fills the stack. Returns the value of sp. */
    long make(ExecImage image, String path, List<byte[]> arguments, List<byte[]> environment) throws Exec.Failed {
        long mm = services.addressSpace();
        long mapped = services.space().spaces().map(mm, new Wish(LOWEST, STACK_BYTES,
                VmFlags.VM_READ | VmFlags.VM_WRITE | VmFlags.VM_GROWSDOWN, Placement.FIXED), area -> 0);
        if (mapped < 0) {
            throw new Exec.Failed((int) -mapped);
        }
        MmLayout.START_STACK.set(memory, mm, Exec.VDSO);
        long name = push(path.getBytes(StandardCharsets.UTF_8));
        List<Integer> words = new ArrayList<>();
        words.add(arguments.size());
        pushAll(words, arguments);
        pushAll(words, environment);
        at = at - RANDOM_BYTES & -ALIGNMENT;
        if (services.files().random().fillUser(user, at, RANDOM_BYTES) != RANDOM_BYTES) {
            throw new Exec.Failed(Errno.ENOMEM);
        }
        addAuxiliary(words, image, name);
        at = at - (long) words.size() * Integer.BYTES & -ALIGNMENT;
        if (at < LOWEST) {
            throw new Exec.Failed(Errno.E2BIG);
        }
        if (!user.put32s(at, words.stream().mapToInt(Integer::intValue).toArray())) {
            throw new Exec.Failed(Errno.ENOMEM);
        }
        return at;
    }

    private void pushAll(List<Integer> words, List<byte[]> strings) throws Exec.Failed {
        for (byte[] each : strings) {
            words.add((int) push(each));
        }
        words.add(0);
    }

    private long push(byte[] text) throws Exec.Failed {
        byte[] bytes = Arrays.copyOf(text, text.length + 1);
        at -= bytes.length;
        if (at < LOWEST + AddressSpace.PAGE_SIZE) {
            throw new Exec.Failed(Errno.E2BIG);
        }
        if (user.write(at, bytes, 0, bytes.length) != 0) {
            throw new Exec.Failed(Errno.ENOMEM);
        }
        return at;
    }

    private void addAuxiliary(List<Integer> words, ExecImage image, long name) {
        int[] pairs = {AT_PHDR, (int) image.headersVa(), AT_PHENT, ExecImage.PROGRAM_HEADER_BYTES,
            AT_PHNUM, image.headerCount(), AT_PAGESZ, AddressSpace.PAGE_SIZE, AT_ENTRY, (int) image.entry(),
            AT_UID, 0, AT_EUID, 0, AT_GID, 0, AT_EGID, 0, AT_HWCAP, HWCAP, AT_CLKTCK, USER_HZ, AT_SECURE, 0,
            AT_RANDOM, (int) at, AT_EXECFN, (int) name, AT_NULL, 0};
        for (int word : pairs) {
            words.add(word);
        }
    }
}
