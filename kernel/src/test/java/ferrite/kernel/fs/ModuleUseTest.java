package ferrite.kernel.fs;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.ModuleLayout;
import ferrite.kernel.base.TextTable;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The open files of a loaded driver, and its removal. */
@Timeout(60)
class ModuleUseTest {

    private static final int ROUNDS = 100;

    private long record;
    private boolean isGone;

    /** Makes the fixture's driver a loaded one, with a file. */
    private KernelFixture boot(Interleavings policy) {
        KernelFixture fixture = KernelFixture.options().harts(3).interleaving(policy, 7).boot();
        long operations = fixture.text("guest_operations", new FileOperations() {
            @Override
            public int open(long file) {
                check(!isGone, "the driver is gone");
                return 0;
            }
        });
        fixture.run(() -> {
            record = fixture.zeroed(ModuleLayout.SIZE);
            ModuleLayout.NAME.set(fixture.memory(), record, fixture.kernel().base().strings().intern("guest"));
            ModuleLayout.TEXT.set(fixture.memory(), record, TextTable.moduleOf(operations));
            new ModuleUse(fixture.kernel().base()).add(record);
            fixture.kernel().calls().cdevAdd("guest", operations, 0);
        });
        return fixture;
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void eachOpenFileIsCountedOnEveryHart(Interleavings policy) {
        try (KernelFixture fixture = boot(policy)) {
            fixture.run(fixture.onEveryHart(hart -> {
                Files files = fixture.kernel().files();
                files.open("/dev/guest", Fcntl.O_RDONLY);
                for (int i = 0; i < ROUNDS; i++) {
                    files.close(files.open("/dev/guest", Fcntl.O_RDONLY));
                }
                int users = ModuleLayout.USERS.get(fixture.memory(), record);
                check(users >= 1 && users <= 2 * 3, "the driver has " + users + " users");
                files.close(0);
            }));
            assertThat(ModuleLayout.USERS.get(fixture.peek(), record)).isZero();
        }
    }

    /** The removal begins when no file is open; none is opened after that. */
    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void noFileIsOpenedOnceTheRemovalHasBegun(Interleavings policy) {
        try (KernelFixture fixture = boot(policy)) {
            isGone = false;
            int[] refused = new int[1];
            KernelFixture.Body opens = () -> {
                Files files = fixture.kernel().files();
                for (int i = 0; i < ROUNDS; i++) {
                    int file = files.open("/dev/guest", Fcntl.O_RDONLY);
                    check(file == 0 || file == -Errno.ENXIO, "open returned " + file);
                    if (file == 0) {
                        check(!isGone, "a file of a driver that is gone");
                        files.close(file);
                    } else {
                        refused[0]++;
                    }
                }
            };
            fixture.run(List.of(Job.on(0, opens), Job.on(1, opens), Job.on(2, () -> {
                ModuleUse use = new ModuleUse(fixture.kernel().base());
                int result = -Errno.EAGAIN;
                while (result != 0) {
                    int flags = use.lock();
                    result = use.beginRemoval(record);
                    use.unlock(flags);
                    fixture.cpu().relax();
                }
                isGone = true;
            })));
            assertThat(ModuleLayout.USERS.get(fixture.peek(), record)).isZero();
            assertThat(refused[0]).isPositive();
        }
    }

    /** The driver has left no record and no text, but a file that was found before still names them. */
    @Test
    void aFileOfADriverThatIsGoneIsNotOpened() {
        try (KernelFixture fixture = boot(Interleavings.RR)) {
            TextTable text = fixture.kernel().base().text();
            TextTable.Module module = text.newModule();
            long operations = module.add("gone_operations", new FileOperations() { });
            fixture.run(() -> {
                Files files = fixture.kernel().files();
                fixture.kernel().calls().cdevAdd("gone", operations, 0);
                check(files.close(files.open("/dev/gone", Fcntl.O_RDONLY)) == 0, "open");
                text.clear(module.index());
                check(files.open("/dev/gone", Fcntl.O_RDONLY) == -Errno.ENXIO, "a file of a driver that is gone");
            });
        }
    }
}
