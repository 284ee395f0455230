package ferrite.scenarios;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

/** The byte code of Ferrite without that of its tests, for tests of the architecture. */
final class MainClasses {

    private static JavaClasses ferrite;

    private MainClasses() { }

    /** Returns all of it. It is read once, which takes seconds. */
    static JavaClasses ferrite() {
        if (ferrite == null) {
            ferrite = new ClassFileImporter().withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .withImportOption(location -> !location.contains("-tests.jar")).importPackages("ferrite");
        }
        return ferrite;
    }
}
