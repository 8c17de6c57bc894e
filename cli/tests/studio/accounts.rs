use crate::studio::{PATIENCE, Studio, named, root, run, text};
use std::{path::Path, process::Stdio};
use tokio::{io::AsyncWriteExt, time::timeout};

async fn output(name: &str, root: &Path, arguments: &[&str]) -> (bool, String) {
    let output = run(named(name, root).args(arguments)).await;
    (output.status.success(), text(&output))
}

/// Answers the questions with `lines`.
async fn talk(name: &str, root: &Path, lines: &str) -> (bool, String) {
    let mut command = named(name, root);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    process.stdin.take().unwrap().write_all(lines.as_bytes()).await.unwrap();
    let output = timeout(PATIENCE, process.wait_with_output()).await.expect("it ends").unwrap();
    (output.status.success(), text(&output))
}

#[tokio::test]
async fn accounts_are_managed_while_the_studio_runs() {
    let root = root();
    let root = root.path();
    let studio = Studio::start(root).await;
    let (done, said) =
        output("invoke-useradd", root, &["-e", "anna@example.org", "-p", "Passw0rd!", "-n", "Anna", "-a"])
            .await;
    assert!(done && said.contains("User created successfully!") && said.contains("Admin: Yes"), "{said}");
    let (done, said) =
        output("invoke-useradd", root, &["--email", "bert@example.org", "--password", "Passw0rd!"]).await;
    assert!(done, "{said}");
    let (done, said) =
        output("invoke-useradd", root, &["--email", "BERT@example.org", "--password", "Passw0rd!"]).await;
    assert!(!done && said.contains("already exists"), "{said}");
    let (done, said) = output("invoke-useradd", root, &["-e", "c@example.org", "-p", "weak"]).await;
    assert!(!done && said.contains("Password validation failed"), "{said}");
    let (done, _) = output("invoke-useradd", root, &["--email", "c@example.org"]).await;
    assert!(!done, "both or none");
    assert!(studio.signs_in("bert@example.org", "Passw0rd!").await);

    let (done, said) =
        output("invoke-usermod", root, &["-e", "bert@example.org", "-p", "0therPass!", "-n", "Bert"]).await;
    assert!(done && said.contains("Display Name: Bert"), "{said}");
    assert!(studio.signs_in("bert@example.org", "0therPass!").await);
    let (done, said) = output("invoke-usermod", root, &["-e", "anna@example.org", "--no-admin"]).await;
    assert!(!done && said.contains("last administrator"), "{said}");

    let (done, said) = output("invoke-userlist", root, &["--json"]).await;
    let listed: serde_json::Value = serde_json::from_str(&said).expect(&said);
    assert!(done);
    assert_eq!(listed[0]["email"], "anna@example.org");
    assert_eq!(listed[1]["name"], "Bert");
    assert_eq!((&listed[0]["is_admin"], &listed[1]["is_admin"]), (&true.into(), &false.into()));

    let (done, said) = output("invoke-userdel", root, &["-e", "bert@example.org", "--force"]).await;
    assert!(done, "{said}");
    assert!(!studio.signs_in("bert@example.org", "0therPass!").await);
    let (done, said) = output("invoke-userdel", root, &["-e", "bert@example.org", "--force"]).await;
    assert!(!done && said.contains("No user found"), "{said}");
    studio.stop().await;
}

#[tokio::test]
async fn without_arguments_and_without_a_running_studio_everything_is_asked_for() {
    let root = root();
    let root = root.path();
    let answers = "anna@example.org\nAnna\nPassw0rd!\nother\nPassw0rd!\nPassw0rd!\ny\n";
    let (done, said) = talk("invoke-useradd", root, answers).await;
    assert!(done && said.contains("do not match") && said.contains("Admin: Yes"), "{said}");
    let (done, said) = talk("invoke-usermod", root, "anna@example.org\nAnna B.\nn\nn\n").await;
    assert!(done && said.contains("Display Name: Anna B."), "{said}");
    let (done, said) = talk("invoke-userdel", root, "anna@example.org\nno\n").await;
    assert!(!done && said.contains("cancelled"), "{said}");
    let (done, said) = output("invoke-userlist", root, &[]).await;
    assert!(done && said.contains("anna@example.org") && said.contains("Total users: 1"), "{said}");
}
